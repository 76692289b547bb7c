"""A report with every kind of figure: counted, of nothing, masked, imported, entered, without source."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indicators.domain.campaigns import Campaign, Campaigns
from indicators.domain.catalogue import Catalogue, Indicator
from indicators.domain.exports import Dhis2Codes, What
from indicators.domain.periods import before, parse_period
from indicators.domain.report import Axes, Elsewhere, Report, Row, by_axis, told
from kit.territories import load_yaml

WRITTEN = datetime(2027, 1, 10, 6, tzinfo=UTC)
CAMPAIGNS = Campaigns(
    campaigns=(Campaign(name="vaccination", label_fr="Campagne de vaccination", begins="10-15", ends="02-28"),)
)
NOT_COUNTED: dict[str, dict[str, Any]] = {
    "I-01": {
        "status": "imported",
        "value": 11.1,
        "origin": "imported",
        "before": 11.4,
        "judged": "reached",
        "elsewhere": (Elsewhere("bretagne", 9.8), Elsewhere("pays-de-la-loire", 9.4), Elsewhere("france", 10.4)),
    },
    "I-02": {"status": "masked", "value": None, "masked": True, "origin": "imported"},
    "I-03": {"status": "no_source", "value": None, "gaps": ("no_source",)},
    "I-46": {"status": "manual", "value": 4, "origin": "manual", "before": 2},
    "I-10": {"status": "undefined", "value": None, "numerator": 0, "denominator": 0, "origin": "events"},
}


def report(
    deploy: Path, catalogue: Catalogue, what: What = "annual_report", period: str = "2026", *, provisional: bool = False
) -> Report:
    """As `build_report` would make it. Counted figures follow from the place of the indicator."""
    one = parse_period(period, catalogue.zone, CAMPAIGNS)
    rows = [_row(it, place) for place, it in enumerate(told(what, catalogue.indicators, one), 1)]
    return Report(
        territory="pays-de-redon",
        territory_name="CPTS Pays de Redon",
        recipient="ARS Bretagne",
        what=what,
        period=one,
        before=before(one),
        written_at=WRITTEN,
        catalogue_version=catalogue.version,
        parts=by_axis(load_yaml(deploy / "indicators" / "axes.yaml", Axes), rows),
        provisional=provisional,
        codes=Dhis2Codes(org_unit="CPTS-PAYS-DE-REDON", data_set="CPTS-ANNUEL"),
    )


def _row(indicator: Indicator, place: int) -> Row:
    if indicator.id in NOT_COUNTED:
        return Row(indicator, **NOT_COUNTED[indicator.id])
    numerator, denominator = place * 37, place * 80
    same: dict[str, Any] = {
        "origin": "events",
        "evidence": place * 41,
        "judged": "not_reached" if place % 3 else "reached",
    }
    if indicator.unit == "count":
        parts = {"profession": {"10": numerator - 5, "60": 5}, "apart": {"=1+1": 2}} if place % 2 else {}
        return Row(indicator, "computed", numerator, numerator, breakdown=parts, before=numerator - 9, **same)
    value = round(100 * numerator / denominator, 2)
    around = (value - 4.5, value + 4.5)
    return Row(indicator, "computed", value, numerator, denominator, interval=around, before=value - 3, **same)
