"""Reading what was published: versions, entries, files, and what changed from one to the next."""

from uuid import UUID

from directory.domain.publications import Difference, Format, ListRow, differences
from directory.store import publications
from kit.blobs import BlobStore, read_bytes
from kit.problems import or_404
from kit.work import Record, Work


async def find_publication(work: Work, publication_id: UUID) -> Record:
    """Raises Problem 404."""
    return or_404(await publications.find(work, publication_id), "publication_unknown")


async def list_publications(work: Work, name: str | None, before: UUID | None, limit: int) -> list[Record]:
    """Versions of the territory, the latest first."""
    return await publications.several(work, name, before, limit)


async def list_rows(work: Work, publication_id: UUID, after: int, limit: int) -> list[tuple[int, ListRow]]:
    """Entries with their position, cells in the order of the columns. Raises Problem 404."""
    row = await find_publication(work, publication_id)
    names = [column["name"] for column in row["columns"]]
    found = await publications.rows(work, publication_id, after, limit)
    return [(position, ListRow(it.key, {name: it.cells.get(name, "") for name in names})) for position, it in found]


async def changes_since(work: Work, publication_id: UUID) -> list[Difference]:
    """What changed from the version before to this one. The first version has only additions. Raises Problem 404."""
    row = await find_publication(work, publication_id)
    columns = [column["name"] for column in row["columns"]]
    before = [it for _, it in await publications.rows(work, row["previous_id"])] if row["previous_id"] else []
    return differences(columns, before, [it for _, it in await publications.rows(work, publication_id)])


async def read_file(work: Work, blobs: BlobStore, publication_id: UUID, wanted: Format) -> tuple[Record, bytes]:
    """The version and the bytes of one of its files. Raises Problem 404."""
    row = await find_publication(work, publication_id)
    key = row["files"][wanted]["blob"]
    return row, await read_bytes(blobs, key)
