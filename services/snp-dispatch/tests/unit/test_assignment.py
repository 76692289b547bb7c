"""The batch rule: never worse than any other assignment, by brute force; the same answer for the same question."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from snp_dispatch.domain.assignment import MAX_CALLS, MAX_SLOTS, Asking, Batch, Offer, Plan
from snp_dispatch.domain.matching import Candidate, Need, cost_parts, misfit
from snp_dispatch.domain.policy import Weights

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WEIGHTS = Weights(wait_per_hour=1, distance_per_km=0.5, not_regular_doctor=1000)
COMMUNES = ("35236", "56001", "44185", "56232")
NUMBERS = ("99000000016", "99000000024", "99000000032")


def km(one: str, other: str) -> float | None:
    """Ten kilometres between neighbours of the list; the last commune is unknown to the others."""
    if one != other and COMMUNES[-1] in (one, other):
        return None
    return 10.0 * abs(COMMUNES.index(one) - COMMUNES.index(other))


def a_call(number: int = 1, *, priority: int = 100, hours: float = 48, **changes: object) -> Asking:
    need = Need(
        profession="10",
        specialty=None,
        audiences=frozenset({"CPTS"}),
        modes=frozenset({"AMB"}),
        earliest=NOW,
        deadline=NOW + timedelta(hours=hours),
        commune="35236",
        radius_km=15,
    )
    received = NOW - timedelta(minutes=60 - number)
    return Asking(UUID(int=number), replace(need, **changes), priority, received)  # type: ignore[arg-type]


def an_offer(number: int = 1, hours: float = 4, *, seats: int = 1, **changes: object) -> Offer:
    slot = Candidate(
        slot_id=UUID(int=number),
        effector=NUMBERS[0],
        effector_name="Une généraliste",
        is_person=True,
        profession="10",
        specialties=frozenset(),
        starts_at=NOW + timedelta(hours=hours),
        ends_at=NOW + timedelta(hours=hours, minutes=30),
        commune="35236",
        distance_km=None,
        mode="AMB",
        audience=frozenset({"CPTS"}),
    )
    return Offer(replace(slot, **changes), seats)  # type: ignore[arg-type]


def batch(calls: list[Asking], offers: list[Offer]) -> Batch:
    return Batch(calls, offers, WEIGHTS, NOW, km)


def given_to(plan: Plan) -> dict[int, int]:
    return {it.call_id.int: it.ranked.slot.slot_id.int for it in plan.pairs}


def test_a_call_with_one_choice_gets_it_from_a_call_with_two() -> None:
    here, there = an_offer(1), an_offer(2, commune="56001")
    choosy, easy = a_call(2, radius_km=0), a_call(1)
    assert given_to(batch([easy, choosy], [here, there]).one_by_one()) == {1: 1}
    assert given_to(batch([easy, choosy], [here, there]).together()) == {1: 2, 2: 1}


def test_the_more_urgent_call_gets_the_only_seat_whatever_it_costs() -> None:
    near, far_urgent = a_call(1, priority=5), a_call(2, priority=3, commune="56001")
    plan = batch([near, far_urgent], [an_offer()]).together()
    assert given_to(plan) == {2: 1}
    assert (plan.outbid, plan.without_fit) == ((UUID(int=1),), ())


def test_of_two_alike_the_earlier_deadline_is_served() -> None:
    assert given_to(batch([a_call(1, hours=40), a_call(2, hours=6)], [an_offer()]).together()) == {2: 1}


def test_more_calls_served_come_before_a_more_urgent_call_being_cheap() -> None:
    urgent, other = a_call(1, priority=1), a_call(2, priority=9, hours=2)
    soon, late = an_offer(1, 1), an_offer(2, 40)
    assert given_to(batch([urgent, other], [soon, late]).together()) == {1: 2, 2: 1}


def test_the_regular_doctor_is_kept_for_their_patient() -> None:
    own, other = an_offer(1, 1, effector=NUMBERS[1]), an_offer(2, 2, effector=NUMBERS[2])
    plan = batch([a_call(1), a_call(2, regular_doctor=NUMBERS[1])], [own, other]).together()
    assert given_to(plan) == {1: 2, 2: 1}


def test_seats_of_a_slot_are_given_one_by_one_and_no_more() -> None:
    calls = [a_call(n) for n in range(1, 5)]
    plan = batch(calls, [an_offer(1, seats=3)]).together()
    assert len(plan.pairs) == 3
    assert {it.ranked.slot.slot_id for it in plan.pairs} == {UUID(int=1)}


def test_nobody_and_nothing() -> None:
    assert batch([], [an_offer()]).together() == Plan((), (), ())
    for plan in (batch([a_call()], []).together(), batch([a_call()], [an_offer(profession="60")]).one_by_one()):
        assert plan == Plan((), (UUID(int=1),), ())


calls_drawn = st.lists(
    st.builds(
        lambda priority, hours, commune, radius, doctor, earliest: a_call(
            priority=priority,
            hours=hours,
            commune=commune,
            radius_km=radius,
            regular_doctor=doctor,
            earliest=NOW + timedelta(hours=earliest),
        ),
        st.sampled_from([0, 3, 100]),
        st.sampled_from([2, 24, 48]),
        st.sampled_from(COMMUNES),
        st.sampled_from([0, 10, 20]),
        st.sampled_from([None, *NUMBERS]),
        st.sampled_from([0, 1]),
    ),
    max_size=5,
).map(lambda them: [replace(it, call_id=UUID(int=n)) for n, it in enumerate(them, start=1)])
offers_drawn = st.lists(
    st.builds(
        lambda hours, commune, effector, mode, seats: an_offer(
            hours=hours, commune=commune, effector=effector, mode=mode, seats=seats
        ),
        st.sampled_from([0.5, 1, 2, 20, 30]),
        st.sampled_from(COMMUNES),
        st.sampled_from(NUMBERS),
        st.sampled_from(["AMB", "AMB", "HH"]),
        st.sampled_from([1, 1, 2]),
    ),
    max_size=4,
).map(lambda them: [Offer(replace(it.slot, slot_id=UUID(int=n)), it.seats) for n, it in enumerate(them, start=1)])

Score = tuple[int, tuple[tuple[int, datetime], ...], float]


def price(call: Asking, offer: Offer) -> float | None:
    """By the matching rule, pair by pair."""
    slot = replace(offer.slot, distance_km=km(call.need.commune, offer.slot.commune))
    if misfit(call.need, slot) is not None:
        return None
    return round(sum(cost_parts(WEIGHTS, call.need, slot, NOW).values()), 2)


def best_score(calls: list[Asking], offers: list[Offer]) -> Score:
    """Of every possible assignment: most served, then the most urgent, then the cheapest."""
    seats: list[Offer | None] = [offer for offer in offers for _ in range(offer.seats)]
    scores = []
    for chosen in set(permutations(seats + [None] * len(calls), len(calls))):
        prices = [(call, price(call, offer)) for call, offer in zip(calls, chosen, strict=True) if offer]
        if all(cost is not None for _, cost in prices):
            scores.append(score([call for call, _ in prices], sum(cost or 0 for _, cost in prices)))
    return min(scores)


def score(served: list[Asking], cost: float) -> Score:
    return (-len(served), tuple(sorted((it.priority, it.need.deadline) for it in served)), round(cost, 2))


@settings(max_examples=150, deadline=None)
@given(calls_drawn, offers_drawn)
def test_no_assignment_is_better(calls: list[Asking], offers: list[Offer]) -> None:
    plan = batch(calls, offers).together()
    by_id = {it.call_id: it for it in calls}
    assert score([by_id[it.call_id] for it in plan.pairs], plan.cost) == best_score(calls, offers)


@settings(max_examples=150, deadline=None)
@given(calls_drawn, offers_drawn, st.randoms(use_true_random=False))
def test_pairs_are_those_of_the_matching_rule_and_order_does_not_matter(
    calls: list[Asking], offers: list[Offer], random: Random
) -> None:
    plans = batch(calls, offers).together(), batch(calls, offers).one_by_one()
    by_id = {it.call_id: it for it in calls}
    for plan in plans:
        for pair in plan.pairs:
            assert misfit(by_id[pair.call_id].need, pair.ranked.slot) is None
            assert pair.ranked.cost == price(by_id[pair.call_id], Offer(pair.ranked.slot))
        assert len(plan.pairs) + len(plan.without_fit) + len(plan.outbid) == len(calls)
    random.shuffle(calls)
    random.shuffle(offers)
    assert (batch(calls, offers).together(), batch(calls, offers).one_by_one()) == plans


def test_the_largest_batch_is_quick() -> None:
    """500 calls and 2,000 slots, all of which fit; the bound is for a busy machine."""
    draw = Random(1)
    calls = [
        a_call(n, priority=draw.randrange(5), radius_km=40, commune=draw.choice(COMMUNES[:3])) for n in range(MAX_CALLS)
    ]
    offers = [
        an_offer(n, draw.randrange(1, 96) / 2, commune=draw.choice(COMMUNES[:3]), effector=str(n % 70))
        for n in range(MAX_SLOTS)
    ]
    begun = time.process_time()
    plan = batch(calls, offers).together()
    assert time.process_time() - begun < 2
    assert len(plan.pairs) == MAX_CALLS
