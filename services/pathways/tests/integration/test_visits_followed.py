"""What the dispatch tells of a visit that a step asked for, in whatever order, and what the step makes of it."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from enrolling import NOW, OTHER, Care, event_of
from visiting import STEP, booking_event, enrolled, shown, tick, wanted, withdrawn

from contracts.envelope import NATIONAL, Event
from contracts.snp_dispatch import (
    BookingCancelled,
    BookingConfirmed,
    BookingFulfilled,
    BookingMissed,
    BookingOutcomeUndone,
    CallCancelled,
    CallExpired,
    CallScreened,
)
from pathways.consumers import SUBSCRIPTIONS
from pathways.domain.visits import Seen, outcome
from pathways.usecases.follow_visit import lapse_visits

STARTS = NOW + timedelta(days=1)


class Told:
    """The events of the dispatch about one call."""

    def __init__(self, call: str, ref: str) -> None:
        self.call, self.ref = call, ref

    def _booking(self, kind: Any, version: int, **more: Any) -> Event[Any]:
        return booking_event(kind, self.call, self.ref, version, **more)

    def confirmed(self, booking: int = 7, version: int = 1) -> Event[Any]:
        where = {
            "booking_id": UUID(int=booking),
            "origin": "pathway",
            "effector": {"rpps": "99000000119"},
            "starts_at": STARTS,
            "ends_at": STARTS + timedelta(minutes=30),
            "commune": "35236",
            "mode": "HH",
            "audience": ("CPTS",),
            "call_received_at": NOW,
        }
        return self._booking(BookingConfirmed, version, **where)

    def fulfilled(self, version: int = 2) -> Event[Any]:
        return self._booking(BookingFulfilled, version, source="practitioner")

    def missed(self, version: int = 2) -> Event[Any]:
        return self._booking(BookingMissed, version, absent="patient")

    def undone(self, was: str, version: int = 3) -> Event[Any]:
        return self._booking(BookingOutcomeUndone, version, was=was, source="operator", reason="mistake")

    def cancelled(self, by: str, version: int = 2) -> Event[Any]:
        return self._booking(BookingCancelled, version, by=by, reason="other")

    def expired(self) -> Event[Any]:
        return event_of(CallExpired(call_id=UUID(self.call), origin="pathway", deadline=STARTS), 4)

    def closed(self) -> Event[Any]:
        return event_of(CallCancelled(call_id=UUID(self.call), reason="other"), 4)

    def refused(self) -> Event[Any]:
        said = CallScreened(
            call_id=UUID(self.call), outcome="refused", policy_version="1", conditions=("minimum_data",)
        )
        return event_of(said, 2)


async def tell(care: Care, *events: Event[Any], territory: str | None = None) -> None:
    """As the worker's consumer does it."""
    for event in events:
        async with care.runtime.db.work(territory or event.territory) as work:
            await SUBSCRIPTIONS[0].handlers[type(event.data)](event, work)


async def asked(care: Care, **need: Any) -> tuple[dict[str, Any], Told]:
    """An enrolment whose step was asked for; a day and a half later."""
    enrolment = await enrolled(care, **need)
    await tick(care)
    told = (await wanted(care))[-1]
    care.clock.advance(timedelta(hours=36))
    return enrolment, Told(told["visit_id"], told["patient_ref"])


async def visits(care: Care, enrolment: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await care.get(f"/v1/enrolments/{enrolment['id']}"))["visits"]
    return found


async def test_a_booked_visit_shows_when_who_and_where(care: Care) -> None:
    enrolment, told = await asked(care)
    await tell(care, told.confirmed())
    (visit,) = await visits(care, enrolment)
    assert (visit["id"], visit["step_id"]) == (told.call, (await shown(care, enrolment))["id"])
    assert (visit["state"], visit["starts_at"]) == ("booked", "2026-11-24T09:00:00Z")
    assert (visit["rpps"], visit["commune"], visit["mode"]) == ("99000000119", "35236", "HH")
    assert (await shown(care, enrolment))["state"] == "due"


@pytest.mark.parametrize("order", list(permutations("cf")), ids="".join)
async def test_a_visit_that_took_place_closes_the_step_with_its_proof(care: Care, order: tuple[str, ...]) -> None:
    enrolment, told = await asked(care)
    events = {"c": told.confirmed(), "f": told.fulfilled()}
    await tell(care, *(events[it] for it in order), told.fulfilled())
    done = await shown(care, enrolment)
    assert (done["state"], done["proof"], done["proof_ref"]) == ("done", "visit", str(UUID(int=7)))
    await tick(care)
    assert ([it["state"] for it in await visits(care, enrolment)], await withdrawn(care)) == (["fulfilled"], [])


async def test_a_visit_that_was_fulfilled_by_mistake_opens_the_step_again(care: Care) -> None:
    enrolment, told = await asked(care)
    await tell(care, told.confirmed(), told.fulfilled(), told.undone("fulfilled"))
    await tick(care)
    assert (await shown(care, enrolment))["state"] == "due"
    assert [it["state"] for it in await visits(care, enrolment)] == ["booked"]
    await tell(care, told.missed(version=4))
    await tick(care)
    assert [it["state"] for it in await visits(care, enrolment)] == ["missed", "asked"]


@pytest.mark.parametrize("end", ["missed", "patient", "caller", "closed"])
async def test_no_show_and_cancellation_ask_again_a_bounded_number_of_times(care: Care, end: str) -> None:
    enrolment, told = await asked(care, attempts=2)
    for _ in range(3):
        last = Told((await wanted(care))[-1]["visit_id"], told.ref)
        number = len(await wanted(care)) + 6
        ends = {"missed": last.missed(), "closed": last.closed()}
        over = ends.get(end) or last.cancelled(end)
        over = (
            over
            if end == "closed"
            else over.model_copy(update={"data": over.data.model_copy(update={"booking_id": UUID(int=number)})})
        )
        await tell(care, *([] if end == "closed" else [last.confirmed(number)]), over, over)
        await tick(care)
    assert [it["attempt"] for it in await wanted(care)] == [1, 2]
    ended = "missed" if end == "missed" else "cancelled"
    assert [it["state"] for it in await visits(care, enrolment)] == [ended, ended]
    assert (await shown(care, enrolment))["state"] == "due"


async def test_when_the_town_cancels_the_same_call_waits(care: Care) -> None:
    enrolment, told = await asked(care)
    await tell(care, told.confirmed(), told.cancelled("practitioner"))
    await tick(care)
    assert [it["state"] for it in await visits(care, enrolment)] == ["asked"]
    await tell(care, told.confirmed(booking=8))
    (visit,) = await visits(care, enrolment)
    assert (visit["state"], visit["booking_id"]) == ("booked", str(UUID(int=8)))


async def test_a_no_show_that_was_a_mistake_takes_the_next_asking_back(care: Care) -> None:
    enrolment, told = await asked(care)
    await tell(care, told.confirmed(), told.missed())
    await tick(care)
    second = (await wanted(care))[-1]["visit_id"]
    await tell(care, told.undone("no_show"))
    await tick(care)
    assert await withdrawn(care) == [(second, "booked_otherwise")]
    assert [it["state"] for it in await visits(care, enrolment)] == ["booked", "withdrawn"]


@pytest.mark.parametrize("end", ["expired", "refused"])
async def test_what_found_no_place_tells_the_next_who_answers(care: Care, end: str) -> None:
    enrolment, told = await asked(care, asked="due")
    care.clock.advance(timedelta(days=12))
    await tick(care)
    step_id = (await shown(care, enrolment))["id"]
    later = care.clock.now() + timedelta(days=3)
    async with care.runtime.system.work(NATIONAL) as work:
        await work.execute("UPDATE step SET escalate_at = $2 WHERE id = $1", UUID(step_id), later)
    await tell(care, told.expired() if end == "expired" else told.refused())
    async with care.runtime.system.work(NATIONAL) as work:
        soon = await work.fetchval("SELECT escalate_at FROM step WHERE id = $1", UUID(step_id))
    assert soon <= care.clock.now()
    await tick(care)
    assert len(await wanted(care)) == (2 if end == "expired" else 1)


async def test_what_nobody_answered_lapses_after_its_deadline(care: Care) -> None:
    enrolment, _ = await asked(care, attempts=1)
    care.clock.advance(timedelta(days=20))
    async with care.runtime.system.work(NATIONAL) as work:
        assert await lapse_visits(work, 100) == 1
    assert [it["state"] for it in await visits(care, enrolment)] == ["expired"]


async def test_a_visit_that_was_withdrawn_closes_nothing(care: Care) -> None:
    enrolment, told = await asked(care)
    await tell(care, told.confirmed())
    step_id = (await shown(care, enrolment))["id"]
    await care.made(f"/v1/steps/{step_id}/replan", {"from_on": "2027-01-20"}, 200)
    await tick(care)
    assert await withdrawn(care) == [(told.call, "step_moved")]
    await tell(care, told.fulfilled())
    assert (await shown(care, enrolment))["state"] == "planned"


async def test_another_territory_and_other_calls_change_nothing(care: Care) -> None:
    enrolment, told = await asked(care)
    await tell(care, told.confirmed(), told.fulfilled(), told.expired(), territory=OTHER)
    await tell(care, Told(str(UUID(int=99)), told.ref).expired())
    assert [it["state"] for it in await visits(care, enrolment)] == ["asked"]
    assert (await shown(care, enrolment))["key"] == STEP


async def test_a_desk_learns_whom_to_phone_by_the_rules_of_access(care: Care) -> None:
    enrolment, told = await asked(care)
    path = f"/v1/steps/visits/{told.call}"
    found = await care.get(path)
    assert (found["patient_id"], found["enrolment_id"]) == (enrolment["patient_id"], enrolment["id"])
    assert (found["state"], found["key"]) == ("asked", STEP)
    assert (await care.http.get(f"/v1/steps/visits/{UUID(int=5)}")).json()["code"] == "visit_unknown"
    callers = [
        (("pathways:read",), {"sub": "stranger"}, (403, "access_refused")),
        (("pathways:read",), {"sub": "nurse-1", "territory": OTHER}, (404, "visit_unknown")),
        (("slots:read",), {"sub": "nurse-1"}, (403, "scope_missing")),
    ]
    for scopes, claims, refusal in callers:
        async with care.connect(*scopes, **claims) as http:
            answer = await http.get(path)
        assert (answer.status_code, answer.json()["code"]) == refusal
    await care.made(f"/v1/patients/{enrolment['patient_id']}/erasure", {"reason": "mistake"}, 202)
    assert (await care.http.get(path)).status_code == 403


@pytest.mark.parametrize(
    ("bookings", "call_end", "state"),
    [
        ([], None, "asked"),
        ([], "expired", "expired"),
        ([("confirmed", None)], None, "booked"),
        ([("confirmed", None)], "expired", "booked"),
        ([("fulfilled", None)], None, "fulfilled"),
        ([("cancelled", "practitioner"), ("confirmed", None)], None, "booked"),
        ([("cancelled", "practitioner")], None, "asked"),
        ([("cancelled", "practitioner")], "expired", "expired"),
        ([("cancelled", "patient")], None, "cancelled"),
        ([("cancelled", "operator"), ("missed", None)], None, "missed"),
        ([("missed", None), ("fulfilled", None)], None, "fulfilled"),
    ],
    ids=str,
)
def test_the_state_is_read_from_all_that_is_known(
    bookings: list[tuple[str, str | None]], call_end: Any, state: str
) -> None:
    seen = [Seen(UUID(int=n), it, by, NOW + timedelta(minutes=n), None) for n, (it, by) in enumerate(bookings, start=1)]
    assert outcome(seen, call_end)[0] == outcome(reversed(seen), call_end)[0] == state
