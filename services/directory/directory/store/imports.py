"""Imports: the runs, the lines they refused, and the lines between reading and merging."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import orjson

from directory.domain.rpps_file import SEPARATOR, RppsLine
from directory.store.tables import ImportRun
from kit.work import Record, Work

_OPEN = "state IN ('queued', 'running')"
_COLUMNS = tuple(ImportRun.model_fields)


async def add(work: Work, run: ImportRun) -> None:
    """Queues a run."""
    marks = ", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 1))
    await work.execute(f"INSERT INTO import_run ({', '.join(_COLUMNS)}) VALUES ({marks})", *_values(run))


async def save(work: Work, run: ImportRun) -> None:
    """How far it got and what it counted, with the batch that it tells of."""
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(_COLUMNS, start=1))
    await work.execute(f"UPDATE import_run SET {sets} WHERE id = $1", *_values(run))


async def find(work: Work, import_id: UUID) -> ImportRun | None:
    """One run."""
    return _one(await work.fetch("SELECT * FROM import_run WHERE id = $1", import_id))


async def recent(work: Work, before: UUID | None, limit: int) -> Sequence[ImportRun]:
    """Runs, the newest first (their ids grow with time)."""
    rows = await work.fetch(
        "SELECT * FROM import_run WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2", before, limit
    )
    return [_run(row) for row in rows]


async def claim_oldest(work: Work) -> ImportRun | None:
    """The oldest run that is not finished, for this transaction alone; None when there is none or another has it.

    Runs never overtake each other: the newer file must be merged last.
    """
    oldest = f"SELECT id FROM import_run WHERE {_OPEN} ORDER BY requested_at, id LIMIT 1"
    return _one(await work.fetch(f"SELECT * FROM import_run WHERE id = ({oldest}) FOR UPDATE SKIP LOCKED"))


async def finished_with_file(work: Work) -> ImportRun | None:
    """A finished run whose file is still kept, for this transaction alone."""
    kept = f"NOT {_OPEN} AND blob_key IS NOT NULL"
    return _one(await work.fetch(f"SELECT * FROM import_run WHERE {kept} LIMIT 1 FOR UPDATE SKIP LOCKED"))


def _one(rows: Sequence[Record]) -> ImportRun | None:
    return _run(rows[0]) if rows else None


def _run(row: Record) -> ImportRun:
    return ImportRun(**dict(row))


def _values(run: ImportRun) -> list[object]:
    return [orjson.dumps(run.counts).decode() if name == "counts" else getattr(run, name) for name in _COLUMNS]


async def plan_anew(work: Work) -> None:
    """For this transaction: a plan made while tables were empty would read all of them when they are full."""
    await work.execute("SET LOCAL plan_cache_mode = force_custom_plan")


async def refusals(work: Work, import_id: UUID, after_line: int, limit: int) -> list[Record]:
    """Refused lines, in the order of the file."""
    return await work.fetch(
        "SELECT line, cause, source_column, detail FROM import_refusal WHERE import_id = $1 AND line > $2 "
        "ORDER BY line LIMIT $3",
        *(import_id, after_line, limit),
    )


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


Staged = tuple[str, int, str, str]
"""Person, line, FINESS number or empty, the cells joined as in the file."""


async def stage(work: Work, lines: Iterable[Staged]) -> None:
    """Adds lines."""
    await work.copy("rpps_staging", ["rpps", "line", "finess", "fields"], lines)


async def clear_staging(work: Work, import_id: UUID | None) -> None:
    """Forgets the lines of the run before; those that come are of this one."""
    await work.execute("TRUNCATE rpps_staging")
    if import_id is not None:
        await stage(work, [("", 0, "", str(import_id))])


async def staging_is_of(work: Work, import_id: UUID) -> bool:
    """Whether the staged lines are this run's: a crash of the server empties the table."""
    mine = "SELECT EXISTS (SELECT FROM rpps_staging WHERE rpps = '' AND fields = $1)"
    found: bool = await work.fetchval(mine, str(import_id))
    return found


async def forget_told(work: Work, import_id: UUID) -> None:
    """Forgets what was refused and warned of by a run that begins again."""
    await work.execute("DELETE FROM import_refusal WHERE import_id = $1", import_id)
    await work.execute("DELETE FROM import_warning WHERE import_id = $1", import_id)


async def next_persons_up_to(work: Work, after: str, lines: int) -> str | None:
    """The last of the next persons by number, who have about so many lines; None when there is nobody left."""
    found: str | None = await work.fetchval(
        "SELECT max(rpps) FROM (SELECT rpps FROM rpps_staging WHERE rpps > $1 ORDER BY rpps LIMIT $2) s", after, lines
    )
    return found


async def staged_sources(work: Work, after: str, up_to: str, rules: str) -> list[Record]:
    """Of each person after one and up to another: `rpps, lines, kinds, digest, same, unresolved`.

    `kinds` counts the lines that differ, `digest` is theirs whatever their order, with the communes and the
    `rules` by which they are read; `same` says that the last file said the same.
    """
    return await work.fetch(
        "SELECT s.*, coalesce(b.digest = s.digest, false) AS same, b.unresolved FROM ("
        "SELECT rpps, count(*) AS lines, count(DISTINCT fields) AS kinds, md5($3::text || "
        "coalesce((SELECT digest FROM reference_stamp WHERE name = 'communes.csv'), '') || "
        "string_agg(DISTINCT fields, chr(10) ORDER BY fields))::uuid AS digest "
        "FROM rpps_staging WHERE rpps > $1 AND rpps <= $2 GROUP BY rpps) s "
        # The range again: without statistics the planner would read all of the country each time.
        "LEFT JOIN (SELECT * FROM person_source WHERE rpps > $1 AND rpps <= $2) b USING (rpps) ORDER BY rpps",
        after,
        up_to,
        rules,
    )


async def staged_lines(work: Work, after: str, up_to: str, persons: Sequence[str]) -> list[Record]:
    """The lines (rpps, cells joined as in the file) of these among them, each person whole and in order."""
    return await work.fetch(
        "SELECT rpps, fields FROM rpps_staging WHERE rpps > $1 AND rpps <= $2 AND rpps = ANY($3) ORDER BY rpps, line",
        after,
        up_to,
        list(persons),
    )


async def keep_sources(work: Work, sources: Iterable[tuple[str, UUID, int]]) -> None:
    """Keeps what the file said: person, digest, activities without commune."""
    await work.execute(
        "INSERT INTO person_source SELECT * FROM unnest($1::text[], $2::uuid[], $3::smallint[]) "
        "ON CONFLICT (rpps) DO UPDATE SET digest = excluded.digest, unresolved = excluded.unresolved",
        *map(list, zip(*sources, strict=True)),
    )


async def forget_sources(work: Work, persons: Sequence[str]) -> None:
    """Whoever is gone is merged anew on coming back."""
    await work.execute("DELETE FROM person_source WHERE rpps = ANY($1)", list(persons))


_MENTIONED = ("site_name", "sector", "postal_line", "postal_code", "commune", "commune_name")
_MENTION = ", ".join(f"split_part(fields, '{SEPARATOR}', {RppsLine._fields.index(name) + 1})" for name in _MENTIONED)


async def staged_structures(work: Work, after: str, sites: int) -> list[Record]:
    """How the lines mention the next FINESS sites: the members of `StructureMention`, in its order."""
    return await work.fetch(
        "WITH last AS (SELECT max(finess) AS finess FROM (SELECT DISTINCT finess FROM rpps_staging "
        "WHERE finess <> '' AND finess > $1 ORDER BY finess LIMIT $2) s) "
        f"SELECT finess, {_MENTION}, count(*) FROM rpps_staging WHERE finess <> '' AND finess > $1 "
        f"AND finess <= (SELECT finess FROM last) GROUP BY finess, {_MENTION} ORDER BY finess",
        after,
        sites,
    )
