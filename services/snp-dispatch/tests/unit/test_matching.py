"""The matching rule: hard constraints one by one, the cost by hand, and a fixed order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.distances import Travel
from snp_dispatch.domain.matching import (
    MISFITS,
    REASONS,
    Candidate,
    Need,
    cost_parts,
    explain,
    misfit,
    most_extra,
    rank,
)
from snp_dispatch.domain.policy import Criteria, Policy, Weights

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
BRETON, RAMP = frozenset({"br"}), frozenset({"step_free"})
SOFT = Criteria(language=24, accessibility=10, tariff_sector=12, gender=5)
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
        (replace(NEED, act="ecg"), SLOT, "act"),
        (replace(NEED, act="ecg"), replace(SLOT, acts=frozenset({"ecg", "sutures"})), None),
        (NEED, replace(SLOT, acts=frozenset({"ecg"})), None),
        (replace(NEED, age=17), replace(SLOT, min_age=18), "age"),
        (replace(NEED, age=18), replace(SLOT, min_age=18), None),
        (replace(NEED, age=16), replace(SLOT, max_age=15), "age"),
        (replace(NEED, age=15), replace(SLOT, max_age=15), None),
        (NEED, replace(SLOT, own_patients_only=True), "own_patients_only"),
        (replace(NEED, regular_doctor="99000000024"), replace(SLOT, own_patients_only=True), "own_patients_only"),
        (replace(NEED, regular_doctor="99000000016"), replace(SLOT, own_patients_only=True), None),
        (replace(NEED, languages=BRETON), SLOT, "language"),
        (replace(NEED, languages=BRETON), replace(SLOT, languages=frozenset({"fr"})), "language"),
        (replace(NEED, languages=BRETON | {"fr"}), replace(SLOT, languages=frozenset({"fr"})), None),
        (replace(NEED, languages=BRETON, criteria=SOFT), SLOT, None),
        (replace(NEED, accessibility=RAMP), replace(SLOT, accessibility=frozenset({"parking"})), "accessibility"),
        (replace(NEED, accessibility=RAMP), replace(SLOT, accessibility=RAMP | {"parking"}), None),
        (replace(NEED, tariff_sectors=frozenset({"1"})), replace(SLOT, tariff_sector="2"), "tariff_sector"),
        (replace(NEED, tariff_sectors=frozenset({"1", "2"})), replace(SLOT, tariff_sector="2"), None),
        (replace(NEED, gender="female"), SLOT, "gender"),
        (replace(NEED, gender="female"), replace(SLOT, gender="male"), "gender"),
        (replace(NEED, gender="female"), replace(SLOT, gender="female"), None),
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


WISHES = replace(
    NEED,
    languages=BRETON,
    accessibility=RAMP,
    tariff_sectors=frozenset({"1"}),
    gender="female",
    criteria=SOFT,
    regular_doctor="99000000024",
    regular_sites=frozenset({"990010001"}),
    seen_by=frozenset({"99000000032"}),
)
FULL = WEIGHTS.model_copy(update={"not_same_practice": 4.0, "not_seen_before": 6.0, "fairness": 3.0})


@pytest.mark.parametrize(
    ("slot", "extra"),
    [
        # Nothing is known of who serves: half of every wish.
        (SLOT, {"language": 12, "accessibility": 5, "tariff_sector": 6, "gender": 2.5}),
        (
            replace(SLOT, languages=BRETON, accessibility=RAMP, tariff_sector="1", gender="female"),
            {"language": 0, "accessibility": 0, "tariff_sector": 0, "gender": 0},
        ),
        (
            replace(
                SLOT, languages=frozenset({"fr"}), accessibility=frozenset({"x"}), tariff_sector="2", gender="male"
            ),
            {"language": 24, "accessibility": 10, "tariff_sector": 12, "gender": 5},
        ),
        (replace(SLOT, sites=frozenset({"990010001"})), {"not_same_practice": 0}),
        (replace(SLOT, sites=frozenset({"990010002"})), {"not_same_practice": 4}),
        (replace(SLOT, effector="99000000024"), {"not_same_practice": 0, "not_regular_doctor": 0}),
        (replace(SLOT, effector="99000000032"), {"not_seen_before": 0}),
        (SLOT, {"not_seen_before": 6}),
        (replace(SLOT, load=0.5), {"fairness": 1.5}),
        (replace(SLOT, load=7.0), {"fairness": 3}),
    ],
)
def test_what_wishes_practice_and_load_add(slot: Candidate, extra: dict[str, float]) -> None:
    parts = cost_parts(FULL, WISHES, slot, NOW)
    assert parts == parts | extra
    beyond = sum(parts.values()) - parts["wait"] - parts["distance"] - parts["not_regular_doctor"]
    assert beyond <= most_extra(FULL, WISHES)


def test_reasons_of_wishes() -> None:
    need = replace(WISHES, act="ecg")
    slot = replace(SLOT, acts=frozenset({"ecg"}), languages=BRETON, sites=frozenset({"990010001"}))
    (shown,) = explain(need, rank(need, FULL, [slot], NOW))
    assert shown.reasons[:1] == ("same_practice",)
    assert {"act", "language"} < set(shown.reasons)
    assert not {"gender", "seen_before", "regular_doctor"} & set(shown.reasons)


def test_minutes_take_the_place_of_kilometres_where_they_are_known() -> None:
    weights = WEIGHTS.model_copy(update={"travel_per_minute": 2.0})
    by_road = replace(SLOT, travel=Travel(14.0, 21.0, "travel_times"))
    assert cost_parts(weights, NEED, by_road, NOW) == {"wait": 4, "distance": 0, "travel": 42, "not_regular_doctor": 0}
    as_the_crow_flies = replace(SLOT, travel=Travel(10.0, None, "straight_line"))
    assert cost_parts(weights, NEED, as_the_crow_flies, NOW)["distance"] == 5
    assert cost_parts(WEIGHTS, NEED, by_road, NOW)["distance"] == 5


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
    need = replace(WISHES, criteria=policy.criteria)
    most = policy.weights.wait_per_hour * longest + policy.weights.distance_per_km * policy.reach.outer_km
    most += most_extra(policy.weights, need)
    assert policy.weights.not_regular_doctor > most
