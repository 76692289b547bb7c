"""An extra patient in a full slot (*surnuméraire*): what it takes, who may, and what becomes of the seats."""

import asyncio
import json
from typing import Any

import pytest
from balance import assert_balanced
from dispatch_stage import DOCTOR, ELSEWHERE, NOW, NURSE, OTHER_DOCTOR, Dispatch, a_call
from racing import codes, open_calls, together
from ruling import policy_says

from kit.testing.harness import connected
from snp_dispatch.domain.compensation import CompensationRules
from snp_dispatch.usecases.sweep import expire_holds

NOWHERE = "00000000-0000-7000-8000-000000000000"
OWN = {"role": "practitioner", "rpps": DOCTOR, "sub": "doctor"}
OTHERS = {"role": "practitioner", "rpps": OTHER_DOCTOR, "sub": "other doctor"}


@pytest.fixture
def two(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """HERE allows two extra patients a slot."""
    policy_says(dispatch, monkeypatch, overbooking_per_slot=2)


def body(call: Any, reason: str = "practitioner_agreed") -> dict[str, Any]:
    return {"call_id": call["id"], "reason": reason}


async def overbooked(dispatch: Dispatch, slot_id: str, **call: Any) -> Any:
    """The booking of an extra patient."""
    made = await dispatch.call(**call)
    return await dispatch.made(f"/slots/{slot_id}/overbook", body(made), role="operator")


async def slot_now(dispatch: Dispatch, slot_id: str) -> tuple[str, int, int]:
    found = await dispatch.get(f"/slots/{slot_id}")
    return found["state"], found["free_seats"], found["overbooked"]


async def cancel(dispatch: Dispatch, booking: Any) -> Any:
    cancelled = {"reason": "away", "by": "patient"}
    return await dispatch.made(f"/bookings/{booking['id']}/cancel", cancelled, status=200)


async def test_an_extra_patient_is_booked_and_written_down(dispatch: Dispatch) -> None:
    booking, call = await dispatch.booked(4), await dispatch.call()
    path = f"/slots/{booking['slot_id']}/overbook"
    extra = await dispatch.made(path, body(call), role="operator", organisation="CPTS", sub="someone")
    assert (extra["overbooked"], extra["state"], extra["slot_id"]) == (True, "confirmed", booking["slot_id"])
    assert extra == await dispatch.get(f"/bookings/{extra['id']}")
    seen = await dispatch.get(f"/calls/{call['id']}")
    assert (seen["state"], seen["booking"]) == ("booked", extra)
    listed = {it["id"]: it["overbooked"] for it in (await dispatch.get("/bookings"))["items"]}
    assert listed == {booking["id"]: False, extra["id"]: True}
    assert await slot_now(dispatch, booking["slot_id"]) == ("booked", 0, 1)
    (audit,) = (await dispatch.get("/overbookings", role="coordinator"))["items"]
    assert audit.pop("id")
    policy = dispatch.rules.policy("pays-de-redon", NOW)
    assert policy is not None
    assert audit == {
        "booking_id": extra["id"],
        "call_id": call["id"],
        "slot_id": booking["slot_id"],
        "effector": {"rpps": DOCTOR, "finess": None, "name": "Nolwenn VALZEMERIC"},
        "made_at": NOW.isoformat().replace("+00:00", "Z"),
        "client": "someone",
        "role": "operator",
        "organisation": "CPTS",
        "rpps": None,
        "reason": "practitioner_agreed",
        "extra": 1,
        "policy_version": policy.version,
    }
    await assert_balanced(dispatch)


async def test_the_event_says_that_the_patient_is_an_extra_one_and_not_why(dispatch: Dispatch) -> None:
    booking, call = await dispatch.booked(4), await dispatch.call()
    path = f"/slots/{booking['slot_id']}/overbook"
    await dispatch.made(path, body(call, "Madame said yes"), role="operator")
    told = await dispatch.told("booking.confirmed")
    assert [json.loads(it["body"])["data"]["overbooked"] for it in told] == [False, True]
    assert not any("Madame" in it["body"] for it in await dispatch.told())


async def test_the_same_request_twice_is_one_patient(dispatch: Dispatch) -> None:
    booking, call = await dispatch.booked(4), await dispatch.call()
    path = f"/slots/{booking['slot_id']}/overbook"
    first, again = [await dispatch.post(path, body(call), role="operator", key="k") for _ in range(2)]
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert len(await dispatch.rows("SELECT * FROM overbooking")) == 1


async def refusal(dispatch: Dispatch, slot_id: str, call: Any, **who: Any) -> Any:
    answer = await dispatch.post(f"/slots/{slot_id}/overbook", body(call), **{"role": "operator", **who})
    told = answer.json()
    return answer.status_code, told["code"], told.get("reason", told.get("limit", told.get("state")))


async def full_slot(dispatch: Dispatch, hours: float = 4, **slot: Any) -> Any:
    made = await dispatch.slot(hours, **slot)
    hold = await dispatch.held(await dispatch.call(), made)
    await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    return made


async def test_what_is_refused(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    call, full, free = await dispatch.call(), await full_slot(dispatch), await dispatch.slot(6)
    assert await refusal(dispatch, NOWHERE, call) == (404, "slot_not_found", None)
    assert await refusal(dispatch, full["id"], {"id": NOWHERE}) == (404, "call_not_found", None)
    assert await refusal(dispatch, full["id"], call, territory=ELSEWHERE) == (404, "slot_not_found", None)
    assert await refusal(dispatch, free["id"], call) == (409, "slot_not_full", None)
    holding = await dispatch.call()
    await dispatch.held(holding, free)
    assert await refusal(dispatch, full["id"], holding) == (409, "call_busy", None)
    gone = await dispatch.call()
    await dispatch.made(f"/calls/{gone['id']}/cancel", {"reason": "left"}, status=200)
    assert await refusal(dispatch, full["id"], gone) == (409, "call_not_open", "cancelled")
    assert (await overbooked(dispatch, full["id"]))["overbooked"] is True
    assert await refusal(dispatch, full["id"], call) == (409, "overbooking_limit", 1)
    policy_says(dispatch, monkeypatch, overbooking_per_slot=0)
    assert await refusal(dispatch, full["id"], call) == (409, "overbooking_limit", 0)
    assert await refusal(dispatch, free["id"], await dispatch.call()) == (409, "overbooking_limit", 0)


async def test_what_does_not_fit_is_refused_as_for_a_hold(dispatch: Dispatch) -> None:
    late = await full_slot(dispatch, 47.5)
    dispatch.advance(hours=1)
    call = await dispatch.call(constraints={"deadline": (NOW.replace(day=25)).isoformat()})
    assert await refusal(dispatch, late["id"], call) == (409, "slot_not_suitable", "after_deadline")
    full = await full_slot(dispatch, 4)
    other = await dispatch.call(need={"profession": "60", "specialty": None})
    assert await refusal(dispatch, full["id"], other) == (409, "slot_not_suitable", "profession")
    await dispatch.made(f"/effectors/{DOCTOR}/pause", {"reason": "overloaded"}, role="coordinator")
    assert await refusal(dispatch, full["id"], call) == (409, "slot_not_suitable", "paused")
    await dispatch.made(f"/effectors/{DOCTOR}/resume", role="coordinator", status=200)
    withdrawn = await dispatch.slot(8)
    await dispatch.made(f"/slots/{withdrawn['id']}/withdraw", {"reason": "away"}, role="coordinator", status=200)
    assert await refusal(dispatch, withdrawn["id"], call) == (409, "slot_not_suitable", "withdrawn")
    dispatch.advance(hours=4)
    assert await refusal(dispatch, full["id"], await dispatch.call()) == (409, "slot_not_suitable", "too_early")


async def test_one_visit_for_a_patient_and_a_need(dispatch: Dispatch) -> None:
    patient = {"patient": {"ref": "pseudonym-1"}}
    full, call = await full_slot(dispatch), await dispatch.call(**patient)
    await dispatch.booked(6, **patient)
    assert await refusal(dispatch, full["id"], call) == (409, "already_booked", None)
    assert await dispatch.rows("SELECT * FROM overbooking") == []
    assert (await dispatch.get(f"/calls/{call['id']}"))["booking"] is None


async def test_who_may(dispatch: Dispatch) -> None:
    full, call = await full_slot(dispatch), await dispatch.call()
    for role in ("ed", "care"):
        assert await refusal(dispatch, full["id"], call, role=role) == (403, "scope_missing", None)
    own = await dispatch.made("/calls", a_call(origin="professional"), **OTHERS)
    assert await refusal(dispatch, full["id"], own, **OTHERS) == (403, "not_your_agenda", None)
    assert await refusal(dispatch, full["id"], call, **OWN) == (403, "not_your_call", None)
    own = await dispatch.made("/calls", a_call(origin="professional"), **OWN)
    extra = await dispatch.made(f"/slots/{full['id']}/overbook", body(own), **OWN)
    assert extra["practitioner_rpps"] == DOCTOR
    http = await dispatch.client(**OTHERS)
    assert (await http.get("/v1/overbookings")).json()["items"] == []
    assert (await http.get("/v1/overbookings", params={"rpps": DOCTOR})).json()["code"] == "not_your_agenda"
    http = await dispatch.client(**OWN)
    (seen,) = (await http.get("/v1/overbookings")).json()["items"]
    assert (seen["role"], seen["rpps"], seen["client"]) == ("practitioner", DOCTOR, "doctor")
    assert extra in (await http.get("/v1/bookings")).json()["items"]


@pytest.mark.parametrize("asked", [{"reason": "x"}, {"call_id": NOWHERE}, {"call_id": NOWHERE, "reason": ""}, {}])
async def test_bad_bodies(dispatch: Dispatch, asked: dict[str, str]) -> None:
    found = await dispatch.refused(f"/slots/{NOWHERE}/overbook", asked, role="operator")
    assert found == (422, "invalid_input")


@pytest.mark.usefixtures("two")
async def test_pages_of_the_audit(dispatch: Dispatch) -> None:
    full = await full_slot(dispatch, effector={"rpps": OTHER_DOCTOR})
    made = [(await overbooked(dispatch, full["id"]))["id"] for _ in range(2)]
    other = await full_slot(dispatch, 4)
    dispatch.advance(minutes=1)
    made.append((await overbooked(dispatch, other["id"]))["id"])
    pages, cursor = [], {}
    while cursor is not None:
        page = await dispatch.get("/overbookings", role="operator", limit=2, **cursor)
        pages.append([it["booking_id"] for it in page["items"]])
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert [len(it) for it in pages] == [2, 1]
    assert pages[0][0] == made[2]
    assert {it for page in pages for it in page} == set(made)
    of_one = await dispatch.get("/overbookings", role="operator", rpps=OTHER_DOCTOR)
    assert {it["booking_id"] for it in of_one["items"]} == set(made[:2])
    assert sorted(it["extra"] for it in of_one["items"]) == [1, 2]


@pytest.mark.usefixtures("two")
async def test_many_at_once_never_pass_the_limit(dispatch: Dispatch) -> None:
    full, calls = await full_slot(dispatch), await open_calls(dispatch, 20)
    path = f"/slots/{full['id']}/overbook"
    answers = await together(dispatch.post(path, body(it), role="operator") for it in calls)
    assert codes(answers) == {201: 2, "overbooking_limit": 18}
    assert await slot_now(dispatch, full["id"]) == ("booked", 0, 2)
    await assert_balanced(dispatch)


@pytest.mark.usefixtures("two")
async def test_one_call_gets_one_extra_seat(dispatch: Dispatch) -> None:
    slots, call = [await full_slot(dispatch, hours) for hours in (1, 2, 3)], await dispatch.call()
    paths = [f"/slots/{it['id']}/overbook" for it in slots * 4]
    answers = await together(dispatch.post(path, body(call), role="operator") for path in paths)
    assert codes(answers) == {201: 1, "call_not_open": 11}
    await assert_balanced(dispatch)


@pytest.mark.parametrize("round_", range(5))
async def test_holds_and_extra_seats_of_one_call_do_not_both_win(dispatch: Dispatch, round_: int) -> None:
    full, free, call = await full_slot(dispatch), await dispatch.slot(6), await dispatch.call()
    held, extra = await together(
        [
            dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": free["id"]}),
            dispatch.post(f"/slots/{full['id']}/overbook", body(call), role="operator"),
        ]
    )
    assert sorted((held.status_code, extra.status_code)) == [201, 409], (held.text, extra.text)
    await assert_balanced(dispatch)


@pytest.mark.parametrize("round_", range(5))
async def test_a_slot_is_not_withdrawn_under_an_extra_patient(dispatch: Dispatch, round_: int) -> None:
    """The ordinary visit is cancelled, the slot withdrawn and a patient added, all at once."""
    booking, call = await dispatch.booked(4), await dispatch.call()
    slot = f"/slots/{booking['slot_id']}"
    cancelled, withdrawn, extra = await together(
        [
            dispatch.post(f"/bookings/{booking['id']}/cancel", {"reason": "x", "by": "patient"}),
            dispatch.post(f"{slot}/withdraw", {"reason": "away"}, role="coordinator"),
            dispatch.post(f"{slot}/overbook", body(call), role="operator"),
        ]
    )
    assert cancelled.status_code == 200
    assert {withdrawn.status_code, extra.status_code} in ({409}, {200, 409}, {201, 409}), (withdrawn.text, extra.text)
    await assert_balanced(dispatch)


# ---- what becomes of the seats


async def test_an_extra_patient_who_leaves_frees_no_seat(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    extra = await overbooked(dispatch, booking["slot_id"])
    assert (await cancel(dispatch, extra))["overbooked"] is True
    assert await slot_now(dispatch, booking["slot_id"]) == ("booked", 0, 0)
    assert (await dispatch.call())["proposals"] == []
    # The place of the extra patient may be given anew.
    assert (await overbooked(dispatch, booking["slot_id"]))["overbooked"] is True


async def test_the_seat_of_an_ordinary_visit_is_offered_and_the_extra_patient_stays(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    extra = await overbooked(dispatch, booking["slot_id"])
    await cancel(dispatch, booking)
    assert await slot_now(dispatch, booking["slot_id"]) == ("free", 1, 1)
    assert (await dispatch.get(f"/bookings/{extra['id']}"))["overbooked"] is True
    assert (await dispatch.call(mode="book"))["booking"]["slot_id"] == booking["slot_id"]
    await cancel(dispatch, extra)
    assert await slot_now(dispatch, booking["slot_id"]) == ("booked", 0, 0)
    await assert_balanced(dispatch)


async def test_a_slot_that_is_held_is_full_too(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    await dispatch.held(await dispatch.call(), slot)
    extra = await overbooked(dispatch, slot["id"])
    dispatch.advance(minutes=5)
    await dispatch.system(expire_holds)
    assert await slot_now(dispatch, slot["id"]) == ("free", 1, 1)
    assert (await dispatch.get(f"/bookings/{extra['id']}"))["state"] == "confirmed"


async def test_an_extra_patient_who_is_moved_is_an_ordinary_one(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    extra = await overbooked(dispatch, booking["slot_id"])
    other = await dispatch.slot(6)
    to = {"slot_id": other["id"], "reason": "a_seat_was_found"}
    moved = await dispatch.made(f"/bookings/{extra['id']}/move", to, status=200)
    assert (moved["overbooked"], moved["slot_id"]) == (False, other["id"])
    assert await slot_now(dispatch, booking["slot_id"]) == ("booked", 0, 0)
    assert await slot_now(dispatch, other["id"]) == ("booked", 0, 0)
    await cancel(dispatch, moved)
    assert await slot_now(dispatch, other["id"]) == ("free", 1, 0)


@pytest.mark.usefixtures("two")
async def test_a_slot_of_several_seats(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(capacity=2)
    seats = [(await dispatch.call(mode="book"))["booking"] for _ in range(2)]
    extra = [await overbooked(dispatch, slot["id"]) for _ in range(2)]
    assert await slot_now(dispatch, slot["id"]) == ("booked", 0, 2)
    await cancel(dispatch, extra[0])
    await cancel(dispatch, seats[0])
    assert await slot_now(dispatch, slot["id"]) == ("free", 1, 1)
    await assert_balanced(dispatch)


async def alone(dispatch: Dispatch, hours: float = 4) -> Any:
    """An extra patient whose slot has no other visit any more."""
    booking = await dispatch.booked(hours)
    extra = await overbooked(dispatch, booking["slot_id"])
    await cancel(dispatch, booking)
    return extra


async def test_a_slot_with_an_extra_patient_is_not_withdrawn(dispatch: Dispatch) -> None:
    extra = await alone(dispatch)
    withdraw = f"/slots/{extra['slot_id']}/withdraw"
    assert await dispatch.refused(withdraw, {"reason": "away"}, role="coordinator") == (409, "slot_booked")
    busy = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261124T080000Z\nDURATION:PT9H\nEND:VEVENT\nEND:VCALENDAR"
    await dispatch.made(f"/effectors/{DOCTOR}/busy-calendar", {"calendar": busy}, role="coordinator", status=200)
    assert (await slot_now(dispatch, extra["slot_id"]))[0] == "free"
    await cancel(dispatch, extra)
    await dispatch.made(withdraw, {"reason": "away"}, role="coordinator", status=200)


async def test_a_closure_takes_care_of_the_extra_patient(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(1)
    extra = await overbooked(dispatch, booking["slot_id"])
    elsewhere = await dispatch.slot(20, effector={"rpps": OTHER_DOCTOR})
    path = f"/effectors/{DOCTOR}/closures"
    day = {"starts_at": NOW.isoformat(), "ends_at": NOW.replace(hour=20).isoformat()}
    shown = await dispatch.made(f"{path}/preview", day, role="coordinator", status=200)
    assert {it["booking_id"] for it in shown["patients"]} == {booking["id"], extra["id"]}
    asked = {**day, "reason": "ill", "preview_digest": shown["digest"]}
    done = await dispatch.made(path, asked, role="coordinator")
    assert done["patients"] == shown["patients"]
    found = {it["booking_id"]: it["to_slot_id"] for it in done["patients"]}
    assert set(found.values()) == {elsewhere["id"], None}
    for it in done["patients"]:
        seen = await dispatch.get(f"/bookings/{it['booking_id']}")
        assert seen["state"] == ("confirmed" if it["to_slot_id"] else "cancelled")
        assert not (seen["overbooked"] and it["to_slot_id"])
    await assert_balanced(dispatch)


async def test_the_agenda_shows_more_patients_than_seats(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    feed = await dispatch.made(f"/effectors/{DOCTOR}/calendar-feeds", role="coordinator")
    async with connected(dispatch.app, None) as http:
        assert "Booked (CPTS)" in (await http.get(feed["path"])).text
        await overbooked(dispatch, booking["slot_id"])
        assert "Booked 2/1 (CPTS)" in (await http.get(feed["path"])).text


# ---- what counts it


async def test_the_quota_of_the_practitioner_counts_extra_patients(dispatch: Dispatch) -> None:
    full = await full_slot(dispatch)
    asked = {"effector": {"rpps": DOCTOR}, "period": "day", "max_slots": 1, "organisation": "CHIRC"}
    await dispatch.made("/quotas", asked, role="coordinator")
    mine = {"organisation": "CHIRC"}
    first, second = [await dispatch.made("/calls", a_call(), **mine) for _ in range(2)]
    other = await dispatch.slot(6)
    await dispatch.made(f"/slots/{full['id']}/overbook", body(first), role="operator")
    hold = f"/calls/{second['id']}/holds"
    assert await dispatch.refused(hold, {"slot_id": other["id"]}, **mine) == (409, "quota_reached")
    again = await full_slot(dispatch, 8)
    assert await refusal(dispatch, again["id"], second) == (409, "quota_reached", None)
    assert await slot_now(dispatch, again["id"]) == ("booked", 0, 0)


async def test_fairness_counts_extra_patients(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    before = await dispatch.get(f"/effectors/{DOCTOR}/fairness", role="coordinator")
    await overbooked(dispatch, booking["slot_id"])
    after = await dispatch.get(f"/effectors/{DOCTOR}/fairness", role="coordinator")
    assert after["load"] == pytest.approx(2 * before["load"])


async def test_an_outcome_is_said_and_taken_back_as_of_any_visit(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(1)
    extra = await overbooked(dispatch, booking["slot_id"])
    dispatch.advance(hours=1)
    path = f"/bookings/{extra['id']}"
    await dispatch.made(f"{path}/no-show", {"absent": "patient"}, role="operator", status=200)
    undone = await dispatch.made(f"{path}/undo-outcome", {"reason": "mistake"}, role="operator", status=200)
    assert (undone["state"], undone["overbooked"]) == ("confirmed", True)
    done = await dispatch.made(f"{path}/fulfil", role="practitioner", rpps=DOCTOR, status=200)
    assert done["state"] == "fulfilled"
    assert (await dispatch.get(f"/bookings/{booking['id']}"))["state"] == "confirmed"
    http = await dispatch.client("ed")
    sheet = await http.get(f"/v1{path}/bulletin", params={"format": "html"})
    assert sheet.status_code == 200


async def test_an_extra_patient_who_does_not_come_is_not_compensated(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No reserved seat stayed empty; nor is a slot unfilled that an extra patient came to."""
    rates = [{"valid_from": "2026-01-01", "per_slot": "25.00"}]
    rule = CompensationRules.model_validate({"version": "t", "enabled": True, "rates": rates, "yearly_cap": "60.00"})
    monkeypatch.setitem(dispatch.rules.compensations, "pays-de-redon", rule)
    extra = await alone(dispatch, 1)
    dispatch.advance(hours=2)
    path = f"/bookings/{extra['id']}/no-show"
    await dispatch.made(path, {"absent": "patient"}, role="operator", status=200)
    found = await dispatch.get("/compensations", role="coordinator", period="2026-Q4")
    assert found["practitioners"] == []


async def test_a_full_slot_is_no_proposal_and_a_waiting_call_may_have_it(dispatch: Dispatch) -> None:
    need = {"profession": "60", "specialty": None}
    full = await dispatch.slot(4, effector={"rpps": NURSE})
    assert (await dispatch.call(mode="book", need=need))["state"] == "booked"
    waiting = await dispatch.call(mode="book", need=need)
    assert (waiting["state"], waiting["proposals"]) == ("waiting", [])
    extra = await dispatch.made(f"/slots/{full['id']}/overbook", body(waiting), role="coordinator")
    assert (extra["overbooked"], extra["call_id"]) == (True, waiting["id"])


async def test_overbookings_in_two_directions_do_not_lock_each_other_up(dispatch: Dispatch) -> None:
    """Extra seats, moves and cancellations on the same two slots at once."""
    for _ in range(5):
        one, two = await dispatch.booked(10), await dispatch.booked(11)
        calls = await open_calls(dispatch, 4)
        jobs = [
            dispatch.post(f"/slots/{it['slot_id']}/overbook", body(call), role="operator")
            for it, call in zip((one, two) * 2, calls, strict=True)
        ]
        moves = [
            dispatch.post(f"/bookings/{a['id']}/move", {"slot_id": b["slot_id"], "reason": "x"})
            for a, b in ((one, two), (two, one))
        ]
        gone = [dispatch.post(f"/bookings/{one['id']}/cancel", {"reason": "x", "by": "patient"})]
        answers = await asyncio.gather(*jobs, *moves, *gone)
        assert {it.status_code for it in answers} <= {200, 201, 409}
        await assert_balanced(dispatch)
        await dispatch.made(
            f"/effectors/{DOCTOR}/closures",
            {"starts_at": NOW.isoformat(), "ends_at": NOW.replace(day=25).isoformat(), "reason": "ill"},
            role="coordinator",
        )
        await assert_balanced(dispatch)
        await dispatch.rows("DELETE FROM closure RETURNING id")
