"""Reading who changed what on a territory."""

from kit import history
from kit.work import Record, Work


async def list_changes(
    work: Work, *, entity: str | None, key: str | None, before_id: int | None, limit: int
) -> list[Record]:
    """Changes of tenant rows, the latest first; of one kind, or of one row, when named."""
    return await history.changes(work, entity=entity, key=key, before_id=before_id, limit=limit)
