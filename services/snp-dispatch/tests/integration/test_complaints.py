"""What users of other systems complain of, one test each: see docs/peers.md for the reports behind the numbers.

Complaints 22 (a refusal tells what was compared) and 23 (the zone of the place is printed) have their tests
beside what they are about, in test_screening_rules.py and test_bulletins.py; 7 once more in test_hold_contract.py.
"""

from collections import Counter
from typing import Any

import asyncpg
import pytest
from dispatch_stage import ALLAIRE, DOCTOR, ELSEWHERE, OTHER_DOCTOR, Dispatch, a_call, a_slot
from racing import codes, open_calls, together

from kit.work import Work
from snp_dispatch.usecases.refill import Refill
from snp_dispatch.usecases.sweep import expire_holds

CLIENTS = 30


async def winner_of(dispatch: Dispatch, slot: Any) -> tuple[dict[str, Any], Counter[Any]]:
    """Thirty callers who want one slot: the call that has it, and what the others were told."""
    calls = await open_calls(dispatch, CLIENTS)
    answers = await together(dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}) for call in calls)
    (won,) = [call for call, answer in zip(calls, answers, strict=True) if answer.status_code == 201]
    return won, codes(answers)


async def test_complaint_01_one_period_is_not_sold_twice(dispatch: Dispatch) -> None:
    """Overlapping periods of one person are refused by the database, whoever publishes them, wherever."""
    answers = await together(dispatch.post("/slots", a_slot(4 + n / 10), role="coordinator") for n in range(5))
    assert codes(answers) == {201: 1, "slot_overlap": 4}


async def test_complaint_02_a_slot_is_kept_while_the_caller_fills_the_form(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    mine, theirs = await dispatch.call(), await dispatch.call()
    hold = await dispatch.held(mine, slot)
    assert hold["expires_at"] > mine["received_at"]
    assert await dispatch.refused(f"/calls/{theirs['id']}/holds", {"slot_id": slot["id"]}) == (409, "slot_taken")
    booking = await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    assert booking["slot_id"] == slot["id"]


async def test_complaint_03_a_booking_respects_holds_and_consumes_its_token(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    hold = await dispatch.held(await dispatch.call(), slot)
    assert (await dispatch.call(mode="book"))["state"] == "waiting"
    confirm = f"/holds/{hold['id']}/confirm"
    assert await dispatch.refused(confirm, {"token": "guessed"}) == (403, "hold_token_wrong")
    await dispatch.made(confirm, {"token": hold["token"]})
    assert await dispatch.refused(confirm, {"token": hold["token"]}) == (409, "hold_not_active")


async def test_complaint_04_two_pending_requests_are_not_both_confirmed(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    won, told = await winner_of(dispatch, slot)
    assert told == {201: 1, "slot_taken": CLIENTS - 1}
    hold = await dispatch.held(won, slot)
    answers = await together(dispatch.post(f"/holds/{hold['id']}/confirm", {"token": hold["token"]}) for _ in range(10))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}


async def test_complaint_05_a_hold_is_on_a_person_s_time(dispatch: Dispatch) -> None:
    """While it lasts, the same hour of the same person cannot be offered anew, in another place or territory."""
    slot = await dispatch.slot()
    await dispatch.held(await dispatch.call(), slot)
    withdraw = f"/slots/{slot['id']}/withdraw"
    assert await dispatch.refused(withdraw, {"reason": "x"}, role="coordinator") == (409, "slot_held")
    for claims, place in (({}, ALLAIRE), ({"territory": ELSEWHERE}, "17224")):
        body = a_slot(4.2, place={"commune": place})
        refused = await dispatch.refused("/slots", body, role="coordinator", **claims)
        assert refused == (409, "slot_overlap")


async def test_complaint_06_the_time_that_a_move_frees_can_be_had(dispatch: Dispatch) -> None:
    booking, other = await dispatch.booked(4), await dispatch.slot(6)
    body = {"slot_id": other["id"], "reason": "patient_asked", "by": "patient"}
    await dispatch.made(f"/bookings/{booking['id']}/move", body, status=200)
    found = await dispatch.call()
    assert [it["slot_id"] for it in found["proposals"]] == [booking["slot_id"]]
    assert (await dispatch.held(found, {"id": booking["slot_id"]}))["state"] == "active"


async def test_complaint_07_own_hold_does_not_hide_the_slot(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    await dispatch.held(call, slot)
    assert (await dispatch.get(f"/calls/{call['id']}"))["hold"]["slot_id"] == slot["id"]
    again = await dispatch.held(call, slot)
    assert again["slot_id"] == slot["id"]
    await dispatch.made(f"/holds/{again['id']}/release", {"token": again["token"]}, status=200)
    assert [it["slot_id"] for it in (await dispatch.call())["proposals"]] == [slot["id"]]


async def test_complaint_08_any_practitioner_is_chosen_inside_the_booking(dispatch: Dispatch) -> None:
    """Ten one-shot calls at once for whoever is free, among two doctors with three slots each."""
    for hours in (4, 5, 6):
        for doctor in (DOCTOR, OTHER_DOCTOR):
            await dispatch.slot(hours, effector={"rpps": doctor})
    answers = await together(dispatch.post("/calls", a_call(mode="book")) for _ in range(10))
    states = Counter(answer.json()["state"] for answer in answers)
    slots = [answer.json()["booking"]["slot_id"] for answer in answers if answer.json()["booking"]]
    assert states == {"booked": 6, "waiting": 4}
    assert len(set(slots)) == 6


async def test_complaint_09_of_many_clients_on_one_slot_one_wins(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    _, told = await winner_of(dispatch, slot)
    assert told[201] == 1
    assert await dispatch.rows("SELECT count(*) FROM seat_claim") == [{"count": 1}]


async def test_complaint_10_nobody_is_told_success_who_lost(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    calls = await open_calls(dispatch, CLIENTS)
    answers = await together(dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}) for call in calls)
    seen = [await dispatch.get(f"/calls/{call['id']}") for call in calls]
    assert [call["hold"] is not None for call in seen] == [answer.status_code == 201 for answer in answers]
    assert sum(answer.status_code == 201 for answer in answers) == 1


async def test_complaint_11_just_taken_is_said_with_the_next_best(dispatch: Dispatch) -> None:
    slot, other = await dispatch.slot(), await dispatch.slot(6)
    mine, theirs = await dispatch.call(), await dispatch.call()
    await dispatch.held(theirs, slot)
    answer = await dispatch.post(f"/calls/{mine['id']}/holds", {"slot_id": slot["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert [it["slot_id"] for it in answer.json()["alternatives"]] == [other["id"]]


async def test_complaint_12_the_same_request_eight_times_is_one(dispatch: Dispatch) -> None:
    await dispatch.slot()
    await dispatch.slot(6)
    answers = await together(dispatch.post("/calls", a_call(mode="book"), key="same") for _ in range(8))
    assert len({answer.content for answer in answers}) == 1
    assert await dispatch.rows("SELECT count(*) FROM booking") == [{"count": 1}]


async def test_complaint_13_a_full_slot_takes_one_more_patient_with_a_reason_and_under_a_name(
    dispatch: Dispatch,
) -> None:
    """By a role that may, up to the limit of the territory; the seats of the others are what they were."""
    booking, (call, other) = await dispatch.booked(4), await open_calls(dispatch, 2)
    path, body = f"/slots/{booking['slot_id']}/overbook", {"call_id": call["id"], "reason": "practitioner_agreed"}
    assert await dispatch.refused(path, body, role="ed") == (403, "scope_missing")
    assert await dispatch.refused(path, {"call_id": call["id"]}, role="operator") == (422, "invalid_input")
    extra = await dispatch.made(path, body, role="operator")
    assert (extra["overbooked"], extra["slot_id"]) == (True, booking["slot_id"])
    refused = await dispatch.refused(path, {**body, "call_id": other["id"]}, role="operator")
    assert refused == (409, "overbooking_limit")
    (audit,) = (await dispatch.get("/overbookings", role="coordinator"))["items"]
    assert (audit["booking_id"], audit["role"], audit["reason"]) == (extra["id"], "operator", "practitioner_agreed")
    assert (await dispatch.get(f"/bookings/{booking['id']}")) == booking


async def test_complaint_14_staff_overlaps_are_never_silent(dispatch: Dispatch) -> None:
    await dispatch.slot(4)
    refused = await dispatch.post("/slots", a_slot(4.25), role="practitioner", rpps=DOCTOR)
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_overlap")


@pytest.mark.parametrize(
    "broken",
    [
        "INSERT INTO seat_claim SELECT slot_id, seat, territory, NULL, booking_id, NULL FROM seat_claim",
        "UPDATE slot SET withdrawn_at = NULL WHERE withdrawn_at IS NOT NULL",
    ],
)
async def test_complaint_15_the_invariant_is_in_the_data(
    dispatch: Dispatch, owner: asyncpg.Connection, broken: str
) -> None:
    """Not in a filter of a query: not even a superuser's statement gets past it."""
    withdrawn = await dispatch.slot(4.2)
    await dispatch.made(f"/slots/{withdrawn['id']}/withdraw", {"reason": "x"}, role="coordinator", status=200)
    await dispatch.booked(4)
    with pytest.raises((asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError)):
        await owner.execute(broken)


async def test_complaint_16_capacity_is_enforced_under_the_lock(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(capacity=3)
    calls = await open_calls(dispatch, CLIENTS)
    answers = await together(dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}) for call in calls)
    assert codes(answers) == {201: 3, "slot_taken": CLIENTS - 3}


async def test_complaint_17_hours_differ_by_audience_and_for_own_patients(dispatch: Dispatch) -> None:
    """One doctor: an hour for own patients, one for professionals, one for unscheduled care."""
    own = await dispatch.slot(4, own_patients_only=True)
    await dispatch.slot(5, audience=["PRO"])
    open_to_all = await dispatch.slot(6)

    async def offered(**changes: Any) -> list[str]:
        return [it["slot_id"] for it in (await dispatch.call(**changes))["proposals"]]

    assert await offered() == [open_to_all["id"]]
    assert set(await offered(patient={"regular_doctor_rpps": DOCTOR})) == {own["id"], open_to_all["id"]}


async def test_complaint_18_fairness_never_hides_the_only_slot(dispatch: Dispatch) -> None:
    """However much a doctor was given, their last slot is still proposed, and says what it cost."""
    for hours in range(1, 9):
        await dispatch.booked(hours)
    last = await dispatch.slot(20)
    (proposal,) = (await dispatch.call())["proposals"]
    assert proposal["slot_id"] == last["id"]
    assert proposal["cost_parts"]["fairness"] > 0


async def test_complaint_19_continuity_is_the_default(dispatch: Dispatch) -> None:
    """The own doctor comes first, later and farther as they may be."""
    await dispatch.slot(2, effector={"rpps": OTHER_DOCTOR})
    own = await dispatch.slot(30, place={"commune": ALLAIRE})
    call = await dispatch.call(patient={"regular_doctor_rpps": DOCTOR})
    assert call["proposals"][0]["slot_id"] == own["id"]
    assert call["regular_doctor"] == "offered"


async def test_complaint_20_a_waitlist_is_offered_one_by_one(dispatch: Dispatch) -> None:
    """The first has some minutes, then the next."""
    first = await dispatch.call()
    dispatch.advance(minutes=1)
    second = await dispatch.call()
    slot = await dispatch.slot(4)

    async def serve(work: Work) -> int:
        return await Refill(dispatch.rules).run(work, dispatch.runtime.db)

    await dispatch.system(serve)
    held = [(await dispatch.get(f"/calls/{it['id']}"))["hold"] for it in (first, second)]
    assert (held[0]["slot_id"], held[1]) == (slot["id"], None)
    dispatch.advance(hours=1)
    await dispatch.system(expire_holds)
    await dispatch.system(serve)
    held = [(await dispatch.get(f"/calls/{it['id']}"))["hold"] for it in (first, second)]
    assert (held[0], held[1]["slot_id"]) == (None, slot["id"])


async def test_complaint_21_a_no_show_names_who_was_absent_and_a_cancelled_visit_is_none(dispatch: Dispatch) -> None:
    cancelled, missed = await dispatch.booked(1), await dispatch.booked(2)
    await dispatch.made(f"/bookings/{cancelled['id']}/cancel", {"reason": "x", "by": "patient"}, status=200)
    dispatch.advance(hours=3)
    says = {"absent": "practitioner"}
    refused = await dispatch.refused(f"/bookings/{cancelled['id']}/no-show", says, role="operator")
    assert refused == (409, "booking_not_active")
    ended = await dispatch.made(f"/bookings/{missed['id']}/no-show", says, role="operator", status=200)
    assert (ended["absent"], ended["ended_by"]) == ("practitioner", "operator")
    assert (await dispatch.refused(f"/bookings/{missed['id']}/no-show", {}, role="operator"))[0] == 422
