"""When plans are due for review, and what a territory may say of its rules."""

from datetime import date

import pytest

from directory.domain.crisis_plans import CrisisCodes, TerritoryCrisis, review_day, review_state, rules_by_territory

CODES = {
    "version": "1",
    "roster_kinds": {},
    "plan_types": {"amavi": {"label": "AMAVI", "orsan": True}},
    "document_kinds": {},
    "exercise_kinds": {},
    "journal_kinds": {},
    "vaccination": {"masked": ["ns"]},
    "rules": {
        "review_months": 12,
        "review_notice_days": 60,
        "call_up": {"radius_km": 30, "wave_size": 20, "wave_minutes": 30},
    },
}


@pytest.mark.parametrize(
    ("adopted", "months", "due"),
    [("2026-11-22", 12, "2027-11-22"), ("2024-02-29", 12, "2025-02-28"), ("2026-10-31", 4, "2027-02-28")],
)
def test_the_review_is_months_later_on_a_day_that_exists(adopted: str, months: int, due: str) -> None:
    assert review_day(date.fromisoformat(adopted), months) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("today", "state"),
    [("2026-10-01", "planned"), ("2026-11-01", "due"), ("2026-12-31", "due"), ("2027-01-01", "overdue")],
)
def test_a_plan_is_due_from_the_notice_to_its_day(today: str, state: str) -> None:
    assert review_state(date(2026, 12, 31), date.fromisoformat(today), 60) == state
    assert review_state(None, date.fromisoformat(today), 60) == "none"


def test_a_territory_says_what_differs_and_the_others_follow_the_reference() -> None:
    codes = CrisisCodes.model_validate(CODES)
    own = {"here": TerritoryCrisis(version="1", review_months=6)}
    rules = rules_by_territory(codes, own, {"here": None, "there": None})
    assert (rules["here"].review_months, rules["here"].review_notice_days) == (6, 60)
    assert rules["there"] == codes.rules
    with pytest.raises(ValueError, match="review_months"):
        rules_by_territory(codes, {"here": TerritoryCrisis(version="1", review_months=0)}, {"here": None})


def test_a_type_that_follows_an_unknown_one_is_refused() -> None:
    types = {"clim": {"label": "CLIM", "orsan": True, "follows": "nowhere"}}
    with pytest.raises(ValueError, match="nowhere"):
        CrisisCodes.model_validate(CODES | {"plan_types": types})
