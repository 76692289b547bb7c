"""Files of stays, and their good lines until each is taken."""

from collections.abc import Mapping
from uuid import UUID

from kit.work import Record, Work

TABLE = "stay_import"
_ADD = """
INSERT INTO stay_import_line (id, territory, import_id, number, number_index, sealed) VALUES ($1, $2, $3, $4, $5, $6)
"""
# In turn: whose last batch is the longest ago. Of one establishment the earlier file first, as the later corrects it.
_WAITING = """
SELECT * FROM (
  SELECT DISTINCT ON (territory, finess) * FROM stay_import WHERE pending > 0 ORDER BY territory, finess, id
) AS next ORDER BY changed_at, id LIMIT 1
"""
_TAKE = """
WITH gone AS (DELETE FROM stay_import_line WHERE id IN ({which}) RETURNING *)
SELECT gone.*, f.finess, f.changed_by, f.role, f.rpps FROM gone JOIN stay_import f ON f.id = gone.import_id
ORDER BY gone.import_id, gone.number
"""
_TAKE_NEXT = _TAKE.format(which="SELECT id FROM stay_import_line WHERE import_id = $1 ORDER BY number LIMIT $2")
_TAKE_OF_STAY = _TAKE.format(which="SELECT id FROM stay_import_line WHERE territory = $1 AND number_index = $2")
_COUNT = """
UPDATE stay_import SET pending = pending - $3, added = added + $4, changed = changed + $5, unchanged = unchanged + $6,
  version = version + 1, changed_at = $7
WHERE territory = $1 AND id = $2
"""


async def add_lines(work: Work, import_id: UUID, lines: list[tuple[UUID, int, bytes, bytes]]) -> None:
    """Keeps them until they are taken: id, number, index of the stay, sealed content."""
    await work.executemany(_ADD, [(it[0], work.territory, import_id, *it[1:]) for it in lines])


async def waiting(work: Work) -> Record | None:
    """The file whose turn it is, of every territory."""
    return await work.fetchrow(_WAITING)


async def take_next(work: Work, import_id: UUID, limit: int) -> list[Record]:
    """The next lines of a file, in its order, with who told it. They are gone. Under the lock of stays."""
    return await work.fetch(_TAKE_NEXT, import_id, limit)


async def take_of_stay(work: Work, number_index: bytes) -> list[Record]:
    """What files said of a stay that is not taken yet, the earliest first, likewise."""
    return await work.fetch(_TAKE_OF_STAY, work.territory, number_index)


async def count(work: Work, import_id: UUID, outcomes: Mapping[str, int]) -> None:
    """So many lines fewer wait, with these outcomes (added, changed, unchanged)."""
    each = [outcomes.get(name, 0) for name in ("added", "changed", "unchanged")]
    await work.execute(_COUNT, work.territory, import_id, sum(each), *each, work.now)
