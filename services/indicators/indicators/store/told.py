"""Figures that somebody tells: what stands of them, and what was told before."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from indicators.domain.figure_file import FigureLine
from indicators.domain.told import ImportSource, Provenance, Telling, Told
from kit.work import Record, Work

MANUAL = "manual"
"""The source of what is entered by hand."""

_PARTS = """(
SELECT jsonb_agg(to_jsonb(part) ORDER BY part.commune) FROM imported_part AS part
 WHERE (part.territory, part.figure, part.period, part.source, part.number)
     = (i.territory, i.figure, i.period, i.source, i.number))"""
_STANDING = f"""
SELECT DISTINCT ON (i.figure, i.period, i.source) i.*, f.changed_at, f.changed_by, f.digest, {_PARTS} AS parts
  FROM imported_figure i JOIN figure_import f ON f.id = i.import_id
 WHERE i.territory = $1 AND i.period = ANY($2::text[]) AND i.figure = ANY($3::text[])
 ORDER BY i.figure, i.period, i.source, i.number DESC
"""
_ENTERED = """
SELECT DISTINCT ON (figure, period) *, id AS import_id, false AS masked, proof_digest AS digest
  FROM manual_figure WHERE territory = $1 AND period = ANY($2::text[]) AND figure = ANY($3::text[])
 ORDER BY figure, period, number DESC
"""
_KEEP = """
INSERT INTO imported_figure (territory, figure, period, source, number, numerator, denominator, value, masked,
                             import_id, line)
SELECT $1, told.figure, $2, $3,
       1 + coalesce((SELECT max(number) FROM imported_figure p WHERE p.territory = $1 AND p.figure = told.figure
                     AND p.period = $2 AND p.source = $3), 0),
       told.numerator, told.denominator, told.value, told.masked, $4, told.line
  FROM unnest($5::text[], $6::bigint[], $7::bigint[], $8::double precision[], $9::boolean[], $10::integer[])
       AS told (figure, numerator, denominator, value, masked, line)
RETURNING figure, number
"""
_KEEP_PARTS = """
INSERT INTO imported_part (territory, period, source, figure, number, commune, numerator, denominator, value, masked,
                           line)
SELECT $1, $2, $3, told.* FROM unnest($4::text[], $5::integer[], $6::text[], $7::bigint[], $8::bigint[],
                                      $9::double precision[], $10::boolean[], $11::integer[]) AS told
"""
_HISTORY = f"""
SELECT i.*, f.changed_at, f.changed_by, f.digest, {_PARTS} AS parts
  FROM imported_figure i JOIN figure_import f ON f.id = i.import_id
 WHERE i.territory = $1 AND i.figure = $2 AND i.period = $3 ORDER BY i.source, i.number DESC
"""

Key = tuple[str, str]
"""A figure and a period."""


async def imported(work: Work, figures: Sequence[str], periods: Sequence[str]) -> dict[Key, dict[str, Telling]]:
    """What stands of what each source told, by figure and period."""
    found: dict[Key, dict[str, Telling]] = {}
    for row in await work.fetch(_STANDING, work.territory, list(periods), list(figures)):
        source = Provenance(row["source"], row["import_id"], row["changed_by"], row["changed_at"], row["digest"])
        parts = {part["commune"]: _told(part) for part in row["parts"] or []}
        telling = Telling(_told(row), "imported", (source,), parts)
        found.setdefault((row["figure"], row["period"]), {})[row["source"]] = telling
    return found


async def entered(work: Work, figures: Sequence[str], periods: Sequence[str]) -> dict[Key, Telling]:
    """What stands of what was entered by hand, by figure and period."""
    return {
        (row["figure"], row["period"]): Telling(
            _told(row),
            "manual",
            (Provenance(MANUAL, row["id"], row["changed_by"], row["changed_at"], row["digest"]),),
        )
        for row in await work.fetch(_ENTERED, work.territory, list(periods), list(figures))
    }


async def lock(work: Work, name: str) -> None:
    """One at a time who tells of this source, or enters this figure."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{work.territory}:told:{name}")


async def keep(work: Work, source: ImportSource, period: str, lines: Sequence[FigureLine], import_id: UUID) -> None:
    """Adds what a file tells, over what its source told before: of each figure the whole and all its communes."""
    wholes, parts = [it for it in lines if not it.commune], [it for it in lines if it.commune]
    of = (work.territory, period, source.id)
    kept = await work.fetch(_KEEP, *of, import_id, [line.figure for line in wholes], *_columns(wholes))
    numbers = {row["figure"]: row["number"] for row in kept}
    if parts:
        figures = [line.figure for line in parts]
        named = [numbers[figure] for figure in figures], [line.commune for line in parts]
        await work.execute(_KEEP_PARTS, *of, figures, *named, *_columns(parts))


def _columns(lines: Sequence[FigureLine]) -> list[list[Any]]:
    told = [line.told for line in lines]
    numbers = ([getattr(it, name) for it in told] for name in ("numerator", "denominator", "value", "masked"))
    return [*numbers, [line.number for line in lines]]


async def history(work: Work, figure: str, period: str) -> list[Record]:
    """All that files told of a figure in a period: by source, the latest first."""
    return await work.fetch(_HISTORY, work.territory, figure, period)


def _told(row: Record | Mapping[str, Any]) -> Told:
    value = row["value"]
    whole = value is not None and row["numerator"] == value and row["denominator"] is None
    return Told(row["numerator"], row["denominator"], int(value) if whole else value, row["masked"])


async def newest_entry(work: Work, figure: str, period: str) -> Record | None:
    """What was entered last of a figure in a period."""
    return await work.fetchrow(
        "SELECT * FROM manual_figure WHERE territory = $1 AND figure = $2 AND period = $3 ORDER BY number DESC LIMIT 1",
        *(work.territory, figure, period),
    )
