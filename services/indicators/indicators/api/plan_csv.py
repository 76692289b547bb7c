"""The CSV of the action plan: a line for each sheet, step and indicator."""

from collections.abc import Iterator, Mapping, Sequence

from indicators.domain.action_plan import Calendar
from indicators.domain.maturity import LABELS
from indicators.domain.periods import Period
from indicators.domain.plan_progress import StepStanding
from indicators.formats.csv_cells import BOM, Cell, line
from indicators.usecases.show_plan import Followed, SheetStanding
from kit.work import Record

COLUMNS = (
    "territory",
    "plan_version",
    "as_of",
    "line",
    "axis",
    "sheet",
    "number",
    "label_fr",
    "begins_on",
    "ends_on",
    "state",
    "since",
    "late",
    "days_late",
    "maturity",
    "maturity_label_fr",
    "noted_on",
    "note",
    "proof",
    "period",
    "unit",
    "status",
    "value",
    "value_before",
    "movement",
    "origin",
    "masked",
    "judged",
)
"""Stable: columns are only ever added at the end. `line` is sheet, step or indicator."""


def plan_lines(
    head: Mapping[str, Cell],
    sheets: Sequence[SheetStanding],
    notes: Mapping[str, Record],
    figures: Mapping[str, Followed],
    period: Period,
) -> Iterator[str]:
    """Header first. `head` begins each line; unknown is an empty cell."""
    yield BOM + line(COLUMNS)
    for it in sheets:
        common = {**head, "as_of": it.day.isoformat(), "axis": it.axis.number, "sheet": it.sheet.number}
        rows = [_sheet(it), *(_step(step, notes.get(step.step.number)) for step in it.steps)]
        rows += [_indicator(figures[name], period) for name in it.sheet.indicators]
        for row in rows:
            cells = common | row
            yield line(cells.get(name) for name in COLUMNS)


def _sheet(it: SheetStanding) -> dict[str, Cell]:
    level = it.maturity.level if it.maturity else None
    return {
        "line": "sheet",
        "number": it.sheet.number,
        "label_fr": it.sheet.title,
        **_days(it.sheet.calendar),
        "state": it.state,
        "late": bool(it.late),
        "maturity": level,
        "maturity_label_fr": LABELS[level] if level else None,
        "noted_on": it.maturity.noted_at.date().isoformat() if it.maturity else None,
        "note": it.maturity.reason if it.maturity else None,
    }


def _step(standing: StepStanding, note: Record | None) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        "line": "step",
        "number": standing.step.number,
        "label_fr": standing.step.label,
        **_days(standing.step.calendar),
        "state": standing.state,
        "since": standing.since.isoformat() if standing.since else None,
        "late": standing.late,
        "days_late": standing.days_late,
    }
    if note is not None:
        proofs = [proof for proof in (note["proof_link"], note["proof_reference"]) if proof]
        cells |= {"noted_on": note["on_day"].isoformat(), "note": note["text"], "proof": " ".join(proofs) or None}
    return cells


def _indicator(followed: Followed, period: Period) -> dict[str, Cell]:
    figure = followed.figure
    return {
        "line": "indicator",
        "number": figure.indicator.id,
        "label_fr": figure.indicator.label_fr,
        "period": period.id,
        "unit": figure.indicator.unit,
        "status": figure.status,
        "value": figure.value,
        "value_before": followed.before.value if followed.before else None,
        "movement": followed.movement,
        "origin": figure.origin,
        "masked": figure.masked,
        "judged": figure.trend.judged if figure.trend else None,
    }


def _days(calendar: Calendar | None) -> dict[str, Cell]:
    if calendar is None:
        return {}
    return {"begins_on": calendar.begins_on.isoformat(), "ends_on": calendar.ends_on.isoformat()}
