"""An extra patient in a full slot (*surnuméraire*): what it takes, who may, and what is written down."""

import json

import pytest
from balance import assert_balanced
from dispatch_stage import DOCTOR, ELSEWHERE, NOW, OTHER_DOCTOR, Dispatch, a_call
from overbooking import NOWHERE, OTHERS, OWN, body, full_slot, overbooked, refusal, slot_now
from ruling import policy_says


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
