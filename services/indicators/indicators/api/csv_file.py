"""The CSV of figures, for spreadsheets set to French (docs of the service say why each convention)."""

from collections.abc import Iterable, Iterator

from indicators.domain.figures import Figure
from indicators.formats.csv_cells import BOM, Cell, line

COLUMNS = (
    "territory",
    "period",
    "from",
    "to",
    "id",
    "label_fr",
    "unit",
    "definition_version",
    "status",
    "reason",
    "dimension",
    "code",
    "numerator",
    "denominator",
    "value",
    "as_of",
    "complete",
    "incomplete_because",
    "computed_at",
    "origin",
    "masked",
    "interval_low",
    "interval_high",
    "expected_trend",
    "judged",
    "compared_with",
    "compared_value",
    "target",
    "baseline",
    "label_en",
    "provenance",
    "approval",
)
"""Stable: columns are only ever added at the end. The words are those of the JSON answers."""


def csv_lines(figures: Iterable[Figure]) -> Iterator[str]:
    """Header first, then one line for each figure and one for each of its parts."""
    yield BOM + line(COLUMNS)
    for figure in figures:
        yield _row(figure, None, None, None)
        if figure.tally is None:
            continue
        for dimension, parts in figure.tally.breakdown.items():
            for code, number in parts.items():
                yield _row(figure, dimension, code, number)
        for code, number in figure.tally.apart.items():
            yield _row(figure, "apart", code, number)


def _row(figure: Figure, dimension: str | None, code: str | None, part: int | None) -> str:
    """The line of the whole figure, or of a part of its numerator, which has no denominator and no value."""
    whole = dimension is None
    tally = figure.tally if whole else None
    cells: dict[str, Cell] = {
        "territory": figure.territory,
        "period": figure.period.id,
        "from": figure.period.start.isoformat(),
        "to": figure.period.end.isoformat(),
        "id": figure.indicator.id,
        "label_fr": figure.indicator.label_fr,
        "unit": figure.indicator.unit,
        "definition_version": figure.indicator.definition_version,
        "status": figure.status,
        "reason": figure.reason,
        "dimension": dimension,
        "code": code,
        "numerator": tally.numerator if tally else part,
        "denominator": tally.denominator if tally else None,
        "value": figure.value if whole else None,
        "as_of": figure.as_of.isoformat() if figure.as_of else None,
        "complete": figure.complete,
        "incomplete_because": " ".join(figure.gaps),
        "computed_at": figure.computed_at.isoformat(),
        "origin": figure.origin,
        "label_en": figure.indicator.label_en,
        "provenance": " ".join(item.source for item in figure.provenance),
        "masked": figure.masked if whole else part is None,
        "approval": figure.approval.number if figure.approval else None,
        "expected_trend": figure.indicator.expected_trend,
        **(_judgement(figure) if whole else {}),
    }
    return line(cells.get(name) for name in COLUMNS)


def _judgement(figure: Figure) -> dict[str, Cell]:
    """What is said of the whole figure only."""
    held = figure.trend.compared_with if figure.trend else None
    return {
        "interval_low": figure.interval.low if figure.interval else None,
        "interval_high": figure.interval.high if figure.interval else None,
        "judged": figure.trend.judged if figure.trend else None,
        "compared_with": held.kind if held else None,
        "compared_value": held.value if held else None,
        "target": figure.target.value if figure.target else None,
        "baseline": figure.baseline.value if figure.baseline else None,
    }
