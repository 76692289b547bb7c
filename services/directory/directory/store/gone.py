"""Persons whom a whole file no longer names."""

from collections.abc import Sequence
from uuid import UUID

from directory.domain.professionals import Professional
from directory.store import imports, past, professionals
from kit.work import Work

_MISSING = (
    "FROM professional p WHERE p.listed AND NOT EXISTS (SELECT FROM rpps_staging s WHERE s.rpps = p.rpps) "
    # Someone whose lines are all broken is still named.
    "AND NOT EXISTS (SELECT FROM import_refusal r WHERE r.import_id = $1 AND r.person = p.rpps)"
)


async def count(work: Work, import_id: UUID) -> tuple[int, int]:
    """How many listed persons the staged file does not name, and how many are listed."""
    missing: int = await work.fetchval(f"SELECT count(*) {_MISSING}", import_id)
    listed: int = await work.fetchval("SELECT count(*) FROM professional WHERE listed")
    return missing, listed


async def missing(work: Work, import_id: UUID, after: str, limit: int) -> list[str]:
    """The next listed persons whom the staged file does not name, by number."""
    rows = await work.fetch(
        f"SELECT p.rpps {_MISSING} AND p.rpps > $2 ORDER BY p.rpps LIMIT $3", import_id, after, limit
    )
    return [row["rpps"] for row in rows]


async def flag(work: Work, persons: Sequence[str], import_id: UUID) -> list[tuple[Professional, int]]:
    """Flags these persons; nothing finds them any more, their entry says so. Answers each with its new version."""
    await past.keep(work, persons)
    await work.execute("DELETE FROM search_entry WHERE rpps = ANY($1)", list(persons))
    await imports.forget_sources(work, persons)
    await work.execute(
        "UPDATE professional SET listed = false, gone_at = $2, updated_at = $2, version = version + 1, import_id = $3 "
        "WHERE rpps = ANY($1)",
        list(persons),
        work.now,
        import_id,
    )
    return [(person, row["version"]) for row, person in await professionals.states(work, persons)]
