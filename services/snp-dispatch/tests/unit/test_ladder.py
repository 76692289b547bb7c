"""The escalation ladder as a file and as waits; what a step allows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kit.territories import load_yaml
from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.escalation import eased, take
from snp_dispatch.domain.ladder import Ladder
from snp_dispatch.domain.matching import Need
from snp_dispatch.domain.policy import Policy

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HERE, ALL = "pays-de-redon", ("pays-de-redon", "haute-saintonge")
WIDEN = {"kind": "widen_radius", "after_minutes": 30, "km": 45}
VIDEO = {"kind": "video", "after_minutes": 30}
NURSE = {"kind": "other_profession", "after_minutes": 60, "instead_of": "10", "profession": "60"}
ASK = {"kind": "offer_volunteers", "after_minutes": 0, "mode": "broadcast", "minutes": 10, "radius_km": 20}
NEIGHBOUR = {"kind": "neighbour", "after_minutes": 0, "territories": ["haute-saintonge"]}
HUMAN = {"kind": "human", "after_minutes": 60}
BACK = {"kind": "back_to_caller", "after_minutes": 60, "redirect": "15"}


def ladder(*steps: dict[str, Any]) -> Ladder:
    return Ladder.model_validate({"version": "t", "offer_hold_seconds": 900, "steps": steps})


def need(**changes: Any) -> Need:
    values: dict[str, Any] = {
        "profession": "10",
        "specialty": "general-practice",
        "audiences": frozenset({"CPTS"}),
        "modes": frozenset({"AMB"}),
        "earliest": NOW,
        "deadline": NOW + timedelta(hours=48),
        "commune": "35236",
        "radius_km": 30.0,
    }
    return Need(**values | changes)


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ((WIDEN, VIDEO, NURSE, HUMAN, BACK), []),
        (({**WIDEN, "km": 10},), ["steps.0: 10 km is not wider than 30 km before it"]),
        (({**WIDEN, "km": 500},), ["steps.0: 500 km is beyond the policy's outer reach"]),
        ((WIDEN, {**WIDEN, "km": 40}), ["steps.1: 40 km is not wider than 45 km before it"]),
        (({**NURSE, "profession": "99"},), ["steps.0: the policy does not name 99"]),
        (({**NURSE, "instead_of": "99"},), ["steps.0: the policy does not name 99"]),
        (({**BACK, "redirect": "17"},), ["steps.0: unknown redirect 17"]),
        ((BACK, HUMAN), ["steps.0: back_to_caller must be the last step"]),
        (({**HUMAN, "after_minutes": 48 * 60},), ["steps.0: comes after every deadline of the policy"]),
        (({**ASK, "radius_km": 500},), ["steps.0: 500 km is beyond the policy's outer reach"]),
        (
            ({"kind": "neighbour", "after_minutes": 0, "territories": ["atlantis"]},),
            ["steps.0: territory atlantis is no neighbour"],
        ),
        (
            ({"kind": "neighbour", "after_minutes": 0, "territories": [HERE]},),
            ["steps.0: territory pays-de-redon is no neighbour"],
        ),
    ],
)
def test_a_wrong_ladder_is_refused(
    policy: Policy, catalogue: Catalogue, steps: tuple[dict[str, Any], ...], wrong: list[str]
) -> None:
    assert ladder(*steps).check(HERE, ALL, policy, catalogue) == wrong


def test_every_territory_has_a_ladder_that_holds(deploy_dir: Path, catalogue: Catalogue) -> None:
    folders = [it.parent for it in (deploy_dir / "territories").glob("*/territory.yaml")]
    assert len(folders) == 4
    for folder in folders:
        own = load_yaml(folder / "snp-escalation.yaml", Ladder)
        beside = load_yaml(folder / "snp-policy.yaml", Policy)
        assert own.check(folder.name, [it.name for it in folders], beside, catalogue) == []
        assert {"human", "back_to_caller"} <= {step.kind for step in own.steps}


@pytest.mark.parametrize(
    ("hours_left", "minutes"),
    [(48, (30, 30, 60, 60, 60)), (2, (13.5, 13.5, 27, 27, 27)), (0, (0, 0, 0, 0, 0))],
)
def test_the_waits_of_a_call_with_little_time_shrink(hours_left: float, minutes: tuple[float, ...]) -> None:
    steps, deadline, at = ladder(WIDEN, VIDEO, NURSE, HUMAN, BACK), NOW + timedelta(hours=hours_left), NOW
    for position, expected in enumerate(minutes):
        due = steps.due(position, at, deadline)
        assert due is not None
        assert due <= deadline
        if position == 0:
            assert due - at == timedelta(minutes=expected)
        at = due
    assert steps.due(5, at, deadline) is None


def test_a_changed_file_is_another_ladder_even_under_its_old_version() -> None:
    assert ladder(WIDEN).digest != ladder({**WIDEN, "km": 46}).digest
    assert ladder(WIDEN).digest == ladder(WIDEN).digest


@pytest.mark.parametrize(
    ("step", "changes", "mobility", "outcome"),
    [
        (WIDEN, {}, "AMB HH VR", "done"),
        (WIDEN, {"radius_km": 50.0}, "AMB HH VR", "already_wider"),
        (VIDEO, {}, "AMB HH VR", "done"),
        (VIDEO, {}, "AMB", "mobility"),
        (VIDEO, {"modes": frozenset({"VR"})}, "AMB HH VR", "already_asked"),
        (NURSE, {}, "AMB", "done"),
        (NURSE, {"profession": "70"}, "AMB", "other_need"),
        (HUMAN, {}, "AMB", "done"),
        (BACK, {}, "AMB", "done"),
        (ASK, {}, "AMB", "no_volunteer"),
        (NEIGHBOUR, {}, "AMB", "no_grant"),
    ],
)
def test_a_step_is_taken_or_says_why_not(
    step: dict[str, Any], changes: dict[str, Any], mobility: str, outcome: str
) -> None:
    taken = take(ladder(step).steps[0], need(**changes), frozenset(mobility.split()))
    assert taken.detail.get("reason", taken.outcome) == outcome


def test_a_step_that_needs_others_is_done_when_there_are_some() -> None:
    one = UUID(int=1)
    asked, near = (take(ladder(it).steps[0], need(), frozenset({"AMB"}), found=[one]) for it in (ASK, NEIGHBOUR))
    assert (asked.outcome, asked.detail) == ("done", {"mode": "broadcast", "minutes": 10, "radius_km": 20})
    assert near.detail == {"territories": ["haute-saintonge"], "grants": [str(one)]}


def test_what_was_eased_adds_up() -> None:
    done = [{"kind": it["kind"], "outcome": "done", "detail": it} for it in (WIDEN, VIDEO, HUMAN)]
    nurse = {"kind": "other_profession", "outcome": "done", "detail": {"profession": "60", "specialty": None}}
    skipped = {"kind": "other_profession", "outcome": "skipped", "detail": {"reason": "other_need"}}
    wide, other = eased(need(), [*done, skipped, nurse])
    assert (wide.need.radius_km, wide.need.modes, wide.by) == (45, {"AMB", "VR"}, ("widen_radius", "video"))
    assert (other.need.profession, other.need.specialty, other.need.radius_km) == ("60", None, 45)
    assert eased(need(), []) == []
