"""The order in which facts arrive cannot matter, nor how often, nor whether they come at once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telling import GP, NURSE, OTHER_GP, Stage, Teller

from contracts import snp_dispatch as dispatch
from contracts.envelope import Event
from contracts.slots import SlotPublished, SlotWithdrawn
from indicators.consumers.on_event import on_event, on_events
from indicators.store import projections
from kit.testing.harness import until

Q4, Q1 = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2027, 1, 4, 8, tzinfo=UTC)
AUDIENCES = (("SNP",), ("CPTS",), ("PUBLIC", "SNP"), ("PUBLIC",), ("PRO",))
_territories = (f"t-{number}" for number in count())


@dataclass
class Story:
    """What happened, in the order in which it happened."""

    territory: str
    events: list[Event[Any]]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A few slots, some withdrawn or published again, calls, and bookings with a changing outcome."""
    story, tell = Story(next(_territories), []), Teller()
    slots, calls = [uuid4() for _ in range(draw(st.integers(1, 4)))], [uuid4() for _ in range(draw(st.integers(1, 3)))]
    starts = {slot: draw(st.sampled_from((Q4, Q1))) for slot in slots}
    origins = {call: draw(st.sampled_from(("ed", "single_number", "sas", "professional"))) for call in calls}
    where = {"territory": story.territory}
    for slot in slots:
        values = {"rpps": draw(st.sampled_from((GP, OTHER_GP, NURSE))), "audience": draw(st.sampled_from(AUDIENCES))}
        for version in range(1, draw(st.integers(1, 3)) + 1):
            if version % 2:
                story.events.append(tell.published(slot, version, starts_at=starts[slot], **values, **where))
            else:
                story.events.append(tell.withdrawn(slot, version, **where))
    for call in calls:
        story.events += [tell.received(call, origins[call], **where), tell.screened(call, **where)]
    for _ in range(draw(st.integers(0, 4))):
        slot, call, booking = draw(st.sampled_from(slots)), draw(st.sampled_from(calls)), uuid4()
        story.events.append(tell.confirmed(booking, slot, call, origin=origins[call], starts_at=starts[slot], **where))
        told = draw(
            st.lists(st.sampled_from(("moved", "cancelled", "fulfilled", "missed", "outcome_undone")), max_size=3)
        )
        for version, outcome in enumerate(told, 2):
            if outcome == "moved":
                left, slot = slot, draw(st.sampled_from(slots))
                story.events.append(tell.moved(booking, (left, slot), call, version, starts_at=starts[slot], **where))
            else:
                story.events.append(getattr(tell, outcome)(booking, slot, call, version, **where))
    return story


def expected(story: Story) -> dict[str, Any]:
    """The figures of 2026-Q4 by the plainest reading of the rules, event by event in their true order."""
    slots: dict[UUID, SlotPublished] = {}
    calls: dict[UUID, str] = {}
    standing: dict[UUID, Event[Any]] = {}
    for event in story.events:
        match event.data:
            case SlotPublished():
                slots[event.data.slot_id] = event.data
            case SlotWithdrawn():
                del slots[event.data.slot_id]
            case dispatch.CallReceived():
                calls[event.data.call_id] = event.data.origin
            case dispatch.BookingCancelled():
                standing.pop(event.data.booking_id, None)
            case (
                dispatch.BookingConfirmed()
                | dispatch.BookingMoved()
                | dispatch.BookingFulfilled()
                | dispatch.BookingMissed()
                | dispatch.BookingOutcomeUndone()
            ):
                standing[event.data.booking_id] = event
    snp = {key: slot for key, slot in slots.items() if slot.starts_at == Q4 and {"SNP", "CPTS"} & set(slot.audience)}
    occupied = {event.data.slot_id for event in standing.values()} & set(snp)
    booked = {event.data.call_id for event in standing.values()}
    return {
        "I-06": len({slot.effector.rpps for slot in snp.values()}),
        "I-08": len(snp),
        "I-09": sum(origin != "sas" for origin in calls.values()),
        "I-10": round(100 * len(occupied) / len(snp), 2) if snp else None,
        "N-02": sum(origin == "sas" and call in booked for call, origin in calls.items()),
    }


async def values(stage: Stage, territory: str) -> dict[str, Any]:
    ids = ("I-06", "I-08", "I-09", "I-10", "N-02")
    return {figure.indicator.id: figure.value for figure in await stage.figures("2026-Q4", territory, *ids)}


@given(story=stories(), data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_order_with_repeats_gives_the_same_figures(stage: Stage, story: Story, data: st.DataObject) -> None:
    repeated = story.events + data.draw(st.lists(st.sampled_from(story.events), max_size=3))
    await stage.handle(*data.draw(st.permutations(repeated)))
    assert await values(stage, story.territory) == expected(story)


@given(story=stories())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_all_at_once_gives_the_same_figures(stage: Stage, story: Story) -> None:
    await stage.handle_at_once(story.events + story.events)
    assert await values(stage, story.territory) == expected(story)


@given(story=stories(), data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_facts_of_one_transaction_give_the_same_figures(stage: Stage, story: Story, data: st.DataObject) -> None:
    """In parts of any size and order, each part in one call, as a consumer hands them over."""
    order = data.draw(st.permutations(story.events))
    cut = data.draw(st.integers(0, len(order)))
    for part in filter(None, (order[:cut], order[cut:])):
        async with stage.db.work(story.territory) as work:
            await on_events(part, work)
    assert await values(stage, story.territory) == expected(story)


async def test_many_bookings_of_one_slot_at_once(stage: Stage, tell: Teller) -> None:
    """Forty bookings, all but one cancelled, on real concurrent connections: the slot is occupied once."""
    slot, call = uuid4(), uuid4()
    bookings = [uuid4() for _ in range(40)]
    events = [tell.published(slot), tell.received(call)]
    events += [tell.confirmed(booking, slot, call) for booking in bookings]
    events += [tell.cancelled(booking, slot, call) for booking in bookings[1:]]
    await stage.handle_at_once(events)
    assert await stage.value("I-10") == 100
    await stage.handle(tell.cancelled(bookings[0], slot, call))
    assert await stage.value("I-10") == 0


async def test_a_moved_booking_occupies_its_new_slot_only(stage: Stage, tell: Teller) -> None:
    first, second, call, booking = uuid4(), uuid4(), uuid4(), uuid4()
    events = [tell.published(it, territory=(where := "moved")) for it in (first, second)]
    events += [tell.confirmed(booking, first, call, territory=where)]
    await stage.handle(*events)
    await stage.handle(tell.moved(booking, (first, second), call, territory=where))
    async with stage.db.work(where) as work:
        rows = await work.fetch("SELECT slot_id, booked FROM slot_fact WHERE slot_id = ANY ($1)", [first, second])
    assert {row["slot_id"]: row["booked"] for row in rows} == {first: False, second: True}


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_an_outcome_taken_back_counts_no_more(stage: Stage, tell: Teller, order: tuple[int, ...]) -> None:
    """The figures are those from before the mistake, in whatever order the facts come."""
    where = next(_territories)
    slot, call, booking = uuid4(), uuid4(), uuid4()
    await stage.handle(tell.published(slot, territory=where), tell.received(call, territory=where))
    events = [
        tell.confirmed(booking, slot, call, territory=where),
        tell.missed(booking, slot, call, territory=where),
        tell.outcome_undone(booking, slot, call, territory=where),
    ]
    await stage.handle(*(events[position] for position in order))
    assert (await values(stage, where))["I-10"] == 100
    assert await states(stage, where) == ["confirmed"]
    await stage.handle(tell.cancelled(booking, slot, call, 4, territory=where))
    assert ((await values(stage, where))["I-10"], await states(stage, where)) == (0, ["cancelled"])


async def test_a_reminder_says_nothing_of_the_state_of_a_visit(stage: Stage, tell: Teller) -> None:
    where, slot, call, booking = next(_territories), uuid4(), uuid4(), uuid4()
    await stage.handle(tell.published(slot, territory=where), tell.confirmed(booking, slot, call, territory=where))
    await stage.handle(tell.reminder_due(booking, slot, call, territory=where))
    assert await states(stage, where) == ["confirmed"]
    await stage.handle(tell.fulfilled(booking, slot, call, 3, territory=where))
    assert await states(stage, where) == ["fulfilled"]


async def states(stage: Stage, territory: str) -> list[str]:
    async with stage.db.work(territory) as work:
        return [row["state"] for row in await work.fetch("SELECT state FROM booking_fact")]


async def test_a_booking_before_its_slot_waits_for_it(stage: Stage, tell: Teller) -> None:
    slot, call, booking = uuid4(), uuid4(), uuid4()
    await stage.handle(tell.fulfilled(booking, slot, call), tell.confirmed(booking, slot, call))
    assert (await stage.figure("I-10")).tally.denominator == 0
    await stage.handle(tell.published(slot))
    assert await stage.value("I-10") == 100


async def test_nothing_drifts(stage: Stage, tell: Teller) -> None:
    slot, call = uuid4(), uuid4()
    await stage.handle(tell.published(slot), tell.received(call), tell.confirmed(uuid4(), slot, call))
    assert await drifted(stage) == []


async def drifted(stage: Stage) -> list[UUID]:
    async with stage.system.work("fr") as work:
        return [row for it in projections.ALL for row in await projections.drifted(work, it, "pays-de-redon")]


async def test_a_fact_waits_for_another_of_its_slot_that_is_not_committed(stage: Stage, tell: Teller) -> None:
    """Without waiting, neither would see the other, and the slot would end as the later one alone says."""
    slot, call = uuid4(), uuid4()
    published, confirmed = tell.published(slot), tell.confirmed(uuid4(), slot, call)

    async def somebody_waits() -> bool:
        async with stage.system.work("fr") as look:
            return bool(await look.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    async with stage.db.work(published.territory) as first:
        await on_event(published, first)
        second = asyncio.create_task(stage.handle(confirmed))
        await until(somebody_waits)
    await second
    assert await stage.value("I-10") == 100
