"""DHIS2 `dataValueSets` JSON (developer guide, web API, "Data value sets"), to be sent with `idScheme=CODE`.

Data elements have our indicators' ids as their codes. A value without a number is a `dataValue` with a comment that
says why: DHIS2 takes one that has either.
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
        "completeDate": report.written_at.date().isoformat(),
        "period": period,
        "orgUnit": report.codes.org_unit,
        "dataValues": [_value(row, period, report.codes.org_unit) for row in report.rows],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def dhis2_period(period: Period) -> str:
    """`2026Q4`, `2026S2` or `2026`."""
    if period.kind == "campaign":
        raise UnwritableError("period_unknown_to_dhis2")
    return period.id.replace("-Q", "Q").replace("-H", "S")


def _value(row: Row, period: str, org_unit: str) -> dict[str, Any]:
    told: dict[str, Any] = {"dataElement": row.indicator.id, "period": period, "orgUnit": org_unit}
    if row.value is None:
        return told | {"comment": "masked" if row.masked else row.status}
    value = told | {"value": str(row.value)}
    return value | ({"comment": row.origin} if row.origin in ("imported", "manual") else {})
