"""How long files of exports are kept."""

from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from indicators.domain.export_retention import ExportRetention, months_before
from indicators.domain.exports import What
from kit.territories import load_yaml

PARIS = ZoneInfo("Europe/Paris")


def rules(*more: tuple[str, str, int]) -> ExportRetention:
    told = [(what, "2026-01-01", 12) for what in get_args(What)] + list(more)
    kept = [{"what": what, "since": since, "months": months, "source": "test"} for what, since, months in told]
    return ExportRetention.model_validate({"version": "1", "kept": kept})


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [
        (at(2026, 11, 22, 9), 12, at(2025, 11, 22, 9)),
        (at(2026, 1, 31), 1, at(2025, 12, 31)),
        (at(2026, 3, 31), 1, at(2026, 2, 28)),
        (at(2024, 2, 29), 12, at(2023, 2, 28)),
        (at(2026, 12, 15), 36, at(2023, 12, 15)),
    ],
)
def test_so_many_months_before(now: datetime, months: int, before: datetime) -> None:
    assert months_before(now, months) == before


def test_the_rule_that_has_begun_last_holds() -> None:
    found = rules(("annual_report", "2027-06-01", 120))
    assert found.cutoff("annual_report", at(2025, 12, 31)) is None
    assert found.cutoff("annual_report", at(2027, 5, 31)) == at(2026, 5, 31)
    assert found.cutoff("annual_report", at(2027, 6, 1)) == at(2017, 6, 1)
    assert found.cutoff("quarterly_dashboard", at(2027, 6, 1)) == at(2026, 6, 1)


def test_nothing_is_left_unsaid_or_said_twice() -> None:
    with pytest.raises(ValidationError, match="begin on one day"):
        rules(("annual_report", "2026-01-01", 24))
    only: dict[str, Any] = {"what": "annual_report", "since": "2026-01-01", "months": 1, "source": "test"}
    with pytest.raises(ValidationError, match="nothing is said of campaign_report, half_yearly_report, quarterly"):
        ExportRetention.model_validate({"version": "1", "kept": [only]})


def test_the_rules_of_the_deployment(deploy_dir: Path) -> None:
    found = load_yaml(deploy_dir / "indicators" / "export-retention.yaml", ExportRetention)
    now = at(2026, 11, 22)
    assert found.cutoff("annual_report", now) == at(2016, 11, 22)
    assert found.cutoff("quarterly_dashboard", now) == at(2023, 11, 22)
