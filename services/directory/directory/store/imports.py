"""Imports: the runs, the lines they refused, and the lines between reading and merging."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import col, select

from directory.domain.rpps_file import SEPARATOR, RppsLine
from directory.store.tables import ImportRefusal, ImportRun
from kit.work import Record, Work

_OPEN = col(ImportRun.state).in_(["queued", "running"])


async def add(work: Work, run: ImportRun) -> None:
    """Queues a run."""
    session = await work.orm()
    session.add(run)
    await session.flush()


async def find(work: Work, import_id: UUID) -> ImportRun | None:
    """One run."""
    return await (await work.orm()).get(ImportRun, import_id)


async def recent(work: Work, before: UUID | None, limit: int) -> Sequence[ImportRun]:
    """Runs, the newest first (their ids grow with time)."""
    statement = select(ImportRun).order_by(col(ImportRun.id).desc()).limit(limit)
    if before is not None:
        statement = statement.where(col(ImportRun.id) < before)
    return (await (await work.orm()).exec(statement)).all()


async def claim_oldest(work: Work) -> ImportRun | None:
    """The oldest run that is not finished, for this transaction alone; None when there is none or another has it.

    Runs never overtake each other: the newer file must be merged last.
    """
    oldest = select(ImportRun.id).where(_OPEN).order_by(col(ImportRun.requested_at), col(ImportRun.id)).limit(1)
    statement = select(ImportRun).where(ImportRun.id == oldest.scalar_subquery()).with_for_update(skip_locked=True)
    return (await (await work.orm()).exec(statement)).first()


async def finished_with_file(work: Work) -> ImportRun | None:
    """A finished run whose file is still kept, for this transaction alone."""
    statement = select(ImportRun).where(~_OPEN, col(ImportRun.blob_key).is_not(None)).limit(1)
    return (await (await work.orm()).exec(statement.with_for_update(skip_locked=True))).first()


async def refusals(work: Work, import_id: UUID, after_line: int, limit: int) -> Sequence[ImportRefusal]:
    """Refused lines, in the order of the file."""
    statement = (
        select(ImportRefusal)
        .where(ImportRefusal.import_id == import_id, col(ImportRefusal.line) > after_line)
        .order_by(col(ImportRefusal.line))
        .limit(limit)
    )
    return (await (await work.orm()).exec(statement)).all()


async def warnings(work: Work, import_id: UUID, after: tuple[int, str], limit: int) -> list[Record]:
    """Lines kept with a warning, in the order of the file."""
    return await work.fetch(
        "SELECT line, cause, source_column, detail FROM import_warning "
        "WHERE import_id = $1 AND (line, cause) > ($2, $3) ORDER BY line, cause LIMIT $4",
        import_id,
        *after,
        limit,
    )


Refused = tuple[UUID, int, str, str | None, str, str | None]
"""Import, line, cause, column, detail, person whom the line names."""

Warned = tuple[UUID, int, str, str | None, str]
"""Import, line, cause, column, detail."""

_TOLD = ["import_id", "line", "cause", "source_column", "detail"]


async def refuse(work: Work, refused: Iterable[Refused]) -> None:
    """Keeps refused lines."""
    await work.copy("import_refusal", [*_TOLD, "person"], refused)


async def warn(work: Work, warned: Iterable[Warned]) -> None:
    """Keeps warnings."""
    await work.copy("import_warning", _TOLD, warned)


async def stage(work: Work, lines: Iterable[tuple[int, RppsLine]]) -> None:
    """Adds lines by number."""
    await work.copy(
        "rpps_staging",
        ["line", "rpps", "finess", "fields"],
        ((number, line.rpps, line.finess, SEPARATOR.join(line)) for number, line in lines),
    )


async def clear_staging(work: Work) -> None:
    """Forgets the lines of the run before."""
    await work.execute("TRUNCATE rpps_staging")


async def staged_persons(work: Work, after: str, persons: int) -> list[Record]:
    """The lines (rpps, cells joined as in the file) of the next persons by number, each person whole and in order."""
    return await work.fetch(
        "WITH person AS (SELECT DISTINCT rpps FROM rpps_staging WHERE rpps > $1 ORDER BY rpps LIMIT $2) "
        "SELECT rpps, fields FROM rpps_staging JOIN person USING (rpps) ORDER BY rpps, line",
        after,
        persons,
    )


_MENTIONED = ("site_name", "sector", "postal_line", "postal_code", "commune", "commune_name")
_MENTION = ", ".join(f"split_part(fields, '{SEPARATOR}', {RppsLine._fields.index(name) + 1})" for name in _MENTIONED)


async def staged_structures(work: Work, after: str, sites: int) -> list[Record]:
    """How the lines mention the next FINESS sites: the members of `StructureMention`, in its order."""
    return await work.fetch(
        "WITH site AS (SELECT DISTINCT finess FROM rpps_staging "
        "WHERE finess <> '' AND finess > $1 ORDER BY finess LIMIT $2) "
        f"SELECT finess, {_MENTION}, count(*) FROM rpps_staging JOIN site USING (finess) "
        f"WHERE finess <> '' GROUP BY finess, {_MENTION} ORDER BY finess",
        after,
        sites,
    )
