"""Following an import."""

from collections.abc import Sequence
from uuid import UUID

from directory.store import imports
from directory.store.tables import ImportRun
from kit.problems import or_404
from kit.work import Record, Work


async def show_import(work: Work, import_id: UUID) -> ImportRun:
    """One run. Raises Problem 404."""
    return or_404(await imports.find(work, import_id), "import_unknown", f"There is no import {import_id}")


async def list_imports(work: Work, before: UUID | None, limit: int) -> Sequence[ImportRun]:
    """Up to `limit` + 1 runs, the newest first."""
    return await imports.recent(work, before, limit + 1)


async def list_refused_lines(work: Work, import_id: UUID, after_line: int, limit: int) -> list[Record]:
    """Up to `limit` + 1 refused lines of a run, in the order of the file. Raises Problem 404."""
    await show_import(work, import_id)
    return await imports.refusals(work, import_id, after_line, limit + 1)


async def list_warned_lines(work: Work, import_id: UUID, after: tuple[int, str], limit: int) -> list[Record]:
    """Up to `limit` + 1 lines kept with a warning, in the order of the file. Raises Problem 404."""
    await show_import(work, import_id)
    return await imports.warnings(work, import_id, after, limit + 1)
