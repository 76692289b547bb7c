"""The matching rule: hard constraints one by one, the cost by hand, and a fixed order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.matching import MISFITS, REASONS, Candidate, Need, cost_parts, explain, misfit, rank
from snp_dispatch.domain.policy import Policy, Weights

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WEIGHTS = Weights(wait_per_hour=1, distance_per_km=0.5, not_regular_doctor=1000)


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


NEED = Need(
    profession="10",
    specialty="general-practice",
    audiences=frozenset({"CPTS", "PUBLIC"}),
    modes=frozenset({"AMB"}),
    earliest=NOW,
    deadline=at(48),
    commune="35236",
    radius_km=30,
)
SLOT = Candidate(
    slot_id=UUID(int=1),
    effector="99000000016",
    effector_name="Une généraliste",
    is_person=True,
    profession="10",
    specialties=frozenset({"general-practice"}),
    starts_at=at(4),
    ends_at=at(4.5),
    commune="56001",
    distance_km=10.0,
    mode="AMB",
    audience=frozenset({"SNP", "CPTS"}),
)
VIDEO = replace(SLOT, mode="VR", distance_km=400.0)


@pytest.mark.parametrize(
    ("need", "slot", "code"),
    [
        (NEED, SLOT, None),
        (NEED, replace(SLOT, withdrawn=True), "withdrawn"),
        (NEED, replace(SLOT, participates=False), "not_participating"),
        (NEED, replace(SLOT, audience=frozenset({"SNP"})), "audience"),
        (NEED, replace(SLOT, audience=frozenset({"PRO", "PUBLIC"})), None),
        (NEED, replace(SLOT, profession="60"), "profession"),
        (NEED, replace(SLOT, profession=None), "profession"),
        (NEED, replace(SLOT, specialties=frozenset({"cardiology"})), "specialty"),
        (replace(NEED, specialty=None), replace(SLOT, specialties=frozenset()), None),
        (NEED, replace(SLOT, mode="HH"), "mode"),
        (replace(NEED, earliest=at(5)), SLOT, "too_early"),
        (replace(NEED, earliest=at(4)), SLOT, None),
        (replace(NEED, deadline=at(3.9)), SLOT, "after_deadline"),
        (replace(NEED, deadline=at(4)), SLOT, None),
        (replace(NEED, radius_km=9.9), SLOT, "too_far"),
        (replace(NEED, radius_km=10.0), SLOT, None),
        (NEED, replace(SLOT, distance_km=None), "too_far"),
        (replace(NEED, modes=frozenset({"VR"})), VIDEO, None),
        (NEED, replace(SLOT, withdrawn=True, mode="HH"), "withdrawn"),
    ],
)
def test_hard_constraints(need: Need, slot: Candidate, code: str | None) -> None:
    assert misfit(need, slot) == code


@pytest.mark.parametrize(
    ("need", "slot", "parts"),
    [
        (NEED, SLOT, {"wait": 4, "distance": 5, "not_regular_doctor": 0}),
        (NEED, replace(SLOT, starts_at=at(0)), {"wait": 0, "distance": 5, "not_regular_doctor": 0}),
        (replace(NEED, regular_doctor="99000000016"), SLOT, {"wait": 4, "distance": 5, "not_regular_doctor": 0}),
        (replace(NEED, regular_doctor="99000000024"), SLOT, {"wait": 4, "distance": 5, "not_regular_doctor": 1000}),
        (replace(NEED, modes=frozenset({"VR"})), VIDEO, {"wait": 4, "distance": 0, "not_regular_doctor": 0}),
        (
            NEED,
            replace(SLOT, starts_at=at(0.5), distance_km=0.0),
            {"wait": 0.5, "distance": 0, "not_regular_doctor": 0},
        ),
    ],
)
def test_cost(need: Need, slot: Candidate, parts: dict[str, float]) -> None:
    assert cost_parts(WEIGHTS, need, slot, NOW) == parts


def test_order_is_by_cost_then_fixed() -> None:
    near_late = replace(SLOT, slot_id=UUID(int=2), starts_at=at(8), distance_km=0.0, commune="35236")
    far_early = replace(SLOT, slot_id=UUID(int=3), starts_at=at(1), distance_km=28.0)
    twin = replace(SLOT, slot_id=UUID(int=4))
    found = rank(NEED, WEIGHTS, [far_early, twin, near_late, SLOT], NOW)
    assert [it.slot.slot_id.int for it in found] == [2, 1, 4, 3]
    assert [it.cost for it in found] == [8, 9, 9, 15]


def test_the_order_of_the_question_does_not_matter() -> None:
    slots = [
        replace(SLOT, slot_id=UUID(int=n), starts_at=at(n % 5), distance_km=float(n % 3), effector=str(n % 7))
        for n in range(40)
    ]
    first = rank(NEED, WEIGHTS, slots, NOW)
    Random(1).shuffle(slots)
    assert rank(NEED, WEIGHTS, slots, NOW) == first


def test_the_regular_doctor_comes_first_whatever_the_distance() -> None:
    own = replace(SLOT, slot_id=UUID(int=2), effector="99000000024", starts_at=at(47), distance_km=29.0)
    need = replace(NEED, regular_doctor="99000000024")
    best, second = explain(need, rank(need, WEIGHTS, [SLOT, own], NOW))
    assert best.slot is own
    assert best.reasons == ("regular_doctor", "within_deadline", "within_distance")
    assert second.cost_parts["not_regular_doctor"] == 1000


def test_reasons_say_what_sets_a_slot_apart() -> None:
    here = replace(SLOT, slot_id=UUID(int=2), starts_at=at(9), distance_km=0.0, commune="35236")
    by = {it.slot.slot_id.int: it.reasons for it in explain(NEED, rank(NEED, WEIGHTS, [SLOT, here], NOW))}
    assert by[1] == ("earliest", "within_deadline", "within_distance")
    assert by[2] == ("same_commune", "nearest", "within_deadline", "within_distance")
    need = replace(NEED, modes=frozenset({"VR"}))
    (video,) = explain(need, rank(need, WEIGHTS, [VIDEO], NOW))
    assert video.reasons == ("earliest", "video", "within_deadline")


def test_nothing_fits() -> None:
    assert explain(NEED, rank(NEED, WEIGHTS, [replace(SLOT, mode="HH")], NOW)) == []


def test_ten_are_shown() -> None:
    slots = [replace(SLOT, slot_id=UUID(int=n)) for n in range(30)]
    assert len(explain(NEED, rank(NEED, WEIGHTS, slots, NOW))) == 10


def test_every_code_has_a_label(catalogue: Catalogue) -> None:
    assert tuple(catalogue.reasons) == REASONS
    assert tuple(catalogue.misfits) == MISFITS


def test_no_wait_or_distance_outweighs_the_regular_doctor(policy: Policy) -> None:
    longest = max(it.longest_delay_hours for it in policy.needs)
    most = policy.weights.wait_per_hour * longest + policy.weights.distance_per_km * policy.reach.outer_km
    assert policy.weights.not_regular_doctor > most
