"""The report as flat lines, for formats that are one table: a line for each figure, then one for each of its parts."""

from collections.abc import Iterator

from indicators.domain.report import Part, Report, Row

Cell = str | int | float | bool | None

COLUMNS: dict[str, type] = {
    "territory": str,
    "report": str,
    "period": str,
    "from": str,
    "to": str,
    "axis": str,
    "axis_label_fr": str,
    "id": str,
    "label_fr": str,
    "unit": str,
    "definition_version": int,
    "status": str,
    "origin": str,
    "masked": bool,
    "dimension": str,
    "code": str,
    "numerator": int,
    "denominator": int,
    "value": float,
    "interval_low": float,
    "interval_high": float,
    "expected_trend": str,
    "judged": str,
    "value_before": float,
    "elsewhere": str,
    "evidence": int,
    "complete": bool,
    "incomplete_because": str,
    "written_at": str,
    "provisional": bool,
}
"""Name and kind. Stable: columns are only ever added at the end."""


def lines(report: Report) -> Iterator[dict[str, Cell]]:
    """Every line, by name of column."""
    for part in report.parts:
        for row in part.rows:
            yield _whole(report, part, row)
            for dimension, codes in row.breakdown.items():
                for code, number in codes.items():
                    yield _head(report, part, row) | {"dimension": dimension, "code": code, "numerator": number}


def _head(report: Report, part: Part, row: Row) -> dict[str, Cell]:
    return dict.fromkeys(COLUMNS) | {
        "territory": report.territory,
        "report": report.what,
        "period": report.period.id,
        "from": report.period.start.isoformat(),
        "to": report.period.end.isoformat(),
        "axis": part.axis.code,
        "axis_label_fr": part.axis.label_fr,
        "id": row.indicator.id,
        "label_fr": row.indicator.label_fr,
        "unit": row.indicator.unit,
        "definition_version": row.indicator.definition_version,
        "status": row.status,
        "origin": row.origin,
        "masked": row.masked,
        "written_at": report.written_at.isoformat(),
        "provisional": report.provisional,
    }


def _whole(report: Report, part: Part, row: Row) -> dict[str, Cell]:
    low, high = row.interval or (None, None)
    return _head(report, part, row) | {
        "numerator": row.numerator,
        "denominator": row.denominator,
        "value": row.value,
        "interval_low": low,
        "interval_high": high,
        "expected_trend": row.indicator.expected_trend,
        "judged": row.judged,
        "value_before": row.before,
        "elsewhere": " ".join(f"{it.area}={it.value}" for it in row.elsewhere) or None,
        "evidence": row.evidence,
        "complete": not row.gaps,
        "incomplete_because": " ".join(row.gaps) or None,
    }
