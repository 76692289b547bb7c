"""Approved figures: added by an approval, read ever after."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from pydantic import TypeAdapter

from indicators.domain.catalogue import Indicator
from indicators.domain.figures import Approval, Figure, Tally
from indicators.domain.goals import Baseline, Target
from indicators.domain.intervals import Interval
from indicators.domain.periods import Period
from indicators.domain.told import Provenance
from indicators.domain.trends import Judgement
from indicators.store.evidence import Seal
from kit.work import Record, Work

_COLUMNS = (
    "territory, period_id, number, indicator_id, definition_version, status, reason, origin, numerator, denominator, "
    "value, breakdown, apart, judgement, masked, gaps, as_of, evidence_count, evidence_digest, approved_at, "
    "approved_by, hidden"
)
_ADD = f"INSERT INTO figure_version ({_COLUMNS}) VALUES ({', '.join(f'${n}' for n in range(1, 23))})"
_OF = "SELECT * FROM figure_version WHERE territory = $1 AND period_id = $2 AND number = $3"
_EVERY = "SELECT * FROM figure_version WHERE territory = $1 AND indicator_id = ANY($2) AND period_id = ANY($3)"
_JUDGEMENT: dict[str, TypeAdapter[Any]] = {
    "interval": TypeAdapter(Interval | None),
    "trend": TypeAdapter(Judgement | None),
    "target": TypeAdapter(Target | None),
    "baseline": TypeAdapter(Baseline | None),
    "provenance": TypeAdapter(tuple[Provenance, ...]),
}


async def add(work: Work, number: int, by: str, sealed: Sequence[tuple[Figure, Seal]]) -> None:
    """Keeps the figures of a period as its `number`th approved version."""
    await work.executemany(_ADD, [_row(work, number, by, figure, seal) for figure, seal in sealed])


async def of(work: Work, period_id: str, number: int) -> dict[str, Record]:
    """The approved figures of a period, by indicator."""
    rows = await work.fetch(_OF, work.territory, period_id, number)
    return {row["indicator_id"]: row for row in rows}


async def every(work: Work, indicator_ids: Sequence[str], period_ids: Sequence[str]) -> list[Record]:
    """These figures as they were ever approved, by indicator and period, the oldest approval first."""
    return await work.fetch(
        f"{_EVERY} ORDER BY indicator_id, period_id, number", work.territory, list(indicator_ids), list(period_ids)
    )


def restored(row: Record, indicator: Indicator, period: Period, territory: str, approval: Approval) -> Figure:
    """The approved figure, under the definition that it was computed by."""
    value = row["value"]
    tally = None
    if row["numerator"] is not None or row["denominator"] is not None:
        tally = Tally(row["numerator"], row["denominator"], row["breakdown"], row["apart"])
    told = row["judgement"]
    return Figure(
        indicator=indicator.model_copy(update={"definition_version": row["definition_version"]}),
        period=period,
        territory=territory,
        status=row["status"],
        reason=row["reason"],
        value=None if value is None else _number(value),
        tally=tally,
        as_of=row["as_of"],
        computed_at=row["approved_at"],
        gaps=tuple(row["gaps"]),
        origin=row["origin"],
        masked=row["masked"],
        approval=approval,
        hidden=None if row["hidden"] is None else tuple((name, code) for name, code in row["hidden"]),
        sealed=row["evidence_count"],
        **{name: kind.validate_python(told.get(name)) for name, kind in _JUDGEMENT.items()},
    )


def _row(work: Work, number: int, by: str, figure: Figure, seal: Seal) -> tuple[Any, ...]:
    tally = figure.tally
    told = {name: kind.dump_python(getattr(figure, name), mode="json") for name, kind in _JUDGEMENT.items()}
    return (
        *(work.territory, figure.period.id, number, figure.indicator.id, figure.indicator.definition_version),
        *(figure.status, figure.reason, figure.origin),
        *((tally.numerator, tally.denominator) if tally else (None, None)),
        None if figure.value is None else Decimal(str(figure.value)),
        *(orjson.dumps(dict(part)).decode() for part in ((tally.breakdown, tally.apart) if tally else ({}, {}))),
        orjson.dumps(told).decode(),
        *(figure.masked, list(figure.gaps), figure.as_of, seal.count, seal.digest, work.now, by),
        orjson.dumps(figure.hidden or ()).decode(),
    )


def _number(value: Decimal) -> int | float:
    """Whole numbers come back whole: a rate is kept with its two decimals."""
    return int(value) if value.as_tuple().exponent == 0 else float(value)
