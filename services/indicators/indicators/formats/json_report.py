"""JSON: the whole report, in the words of the API."""

from dataclasses import asdict
from typing import Any

import orjson

from indicators.domain.periods import Period
from indicators.domain.report import Report, Row


def write(report: Report) -> bytes:
    """A value that is masked or has no source is null; `status` says which."""
    told = {
        "territory": report.territory,
        "territory_name": report.territory_name,
        "recipient": report.recipient,
        "report": report.what,
        "title": report.title,
        "provisional": report.provisional,
        "period": _period(report.period),
        "period_before": _period(report.before),
        "written_at": report.written_at,
        "catalogue_version": report.catalogue_version,
        "axes": [
            {"code": part.axis.code, "label_fr": part.axis.label_fr, "figures": [_figure(row) for row in part.rows]}
            for part in report.parts
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _period(period: Period | None) -> dict[str, Any] | None:
    if period is None:
        return None
    return {"id": period.id, "kind": period.kind, "from": period.start, "to": period.end}


def _figure(row: Row) -> dict[str, Any]:
    it = row.indicator
    return {
        "id": it.id,
        "label_fr": it.label_fr,
        "unit": it.unit,
        "definition_version": it.definition_version,
        "status": row.status,
        "origin": row.origin,
        "masked": row.masked,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "value": row.value,
        "interval": {"low": row.interval[0], "high": row.interval[1]} if row.interval else None,
        "trend": {"expected": it.expected_trend, "judged": row.judged},
        "value_before": row.before,
        "elsewhere": [asdict(other) for other in row.elsewhere],
        "breakdown": row.breakdown,
        "evidence": row.evidence,
        "complete": not row.gaps,
        "incomplete_because": row.gaps,
    }
