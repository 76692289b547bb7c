"""DHIS2 `dataValueSets` JSON (developer guide, web API, "Data value sets"), to be sent with `idScheme=CODE`.

Data elements have our indicators' ids as their codes. A value without a number is a `dataValue` with a comment that
says why: DHIS2 takes one that has either. Of a provisional report every value says so, and no `completeDate` does.
"""

from typing import Any

import orjson

from indicators.domain.periods import Period
from indicators.domain.report import Report, Row
from indicators.formats import UnwritableError


def write(report: Report) -> bytes:
    """Raises UnwritableError for a campaign: DHIS2 has no period for it."""
    period = dhis2_period(report.period)
    told = {
        "dataSet": report.codes.data_set,
        **({} if report.provisional else {"completeDate": report.written_at.date().isoformat()}),
        "period": period,
        "orgUnit": report.codes.org_unit,
        "dataValues": [_value(report, row, period) for row in report.rows],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def dhis2_period(period: Period) -> str:
    """`2026Q4`, `2026S2` or `2026`."""
    if period.kind == "campaign":
        raise UnwritableError("period_unknown_to_dhis2")
    return period.id.replace("-Q", "Q").replace("-H", "S")


def _value(report: Report, row: Row, period: str) -> dict[str, Any]:
    told: dict[str, Any] = {"dataElement": row.indicator.id, "period": period, "orgUnit": report.codes.org_unit}
    known = row.value is not None
    comments: list[str] = [] if known else ["masked" if row.masked else row.status]
    comments += [row.origin] if known and row.origin in ("imported", "manual") else []
    comments += ["provisional"] if report.provisional else []
    told |= {"value": str(row.value)} if known else {}
    return told | ({"comment": ", ".join(comments)} if comments else {})
