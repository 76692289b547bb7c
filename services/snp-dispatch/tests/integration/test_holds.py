"""Holds: placed, replaced, confirmed, released, expired."""

from datetime import timedelta
from typing import Any

import pytest
from dispatch_stage import ALLAIRE, DOCTOR, NOW, NURSE, OTHER_DOCTOR, RENNES, STRANGER, Dispatch, a_call

from snp_dispatch.store import effectors
from snp_dispatch.usecases.sweep import expire_holds

NOWHERE = "00000000-0000-7000-8000-000000000000"


async def test_a_hold_and_its_confirmation(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    assert set(hold) == {"id", "call_id", "slot_id", "token", "expires_at", "state", "fence", "extended"}
    assert (hold["call_id"], hold["slot_id"], hold["state"]) == (call["id"], slot["id"], "active")
    assert hold["expires_at"] == "2026-11-24T08:05:00Z"
    shown = await dispatch.get(f"/holds/{hold['id']}")
    assert shown == {name: value for name, value in hold.items() if name != "token"}
    booking = await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    assert (booking["slot_id"], booking["state"]) == (slot["id"], "confirmed")
    after = await dispatch.get(f"/calls/{call['id']}")
    assert (after["state"], after["booking"], after["hold"]) == ("booked", booking, None)
    assert (await dispatch.get(f"/holds/{hold['id']}"))["state"] == "confirmed"


async def test_the_call_shows_what_it_holds(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    shown = await dispatch.get(f"/calls/{call['id']}")
    assert shown["hold"] == {name: hold[name] for name in ("id", "slot_id", "expires_at", "fence")}
    assert [it["slot_id"] for it in shown["proposals"]] == [slot["id"]]


async def test_a_taken_slot_answers_the_next_best(dispatch: Dispatch) -> None:
    made = [await dispatch.slot(hours) for hours in range(1, 9)]
    first, second = await dispatch.call(), await dispatch.call()
    await dispatch.held(first, made[0])
    answer = await dispatch.post(f"/calls/{second['id']}/holds", {"slot_id": made[0]["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    alternatives = answer.json()["alternatives"]
    assert [it["slot_id"] for it in alternatives] == [it["id"] for it in made[1:6]]
    assert set(alternatives[0]) == set(second["proposals"][0])


async def test_alternatives_are_free_now(dispatch: Dispatch) -> None:
    made = [await dispatch.slot(hours) for hours in range(1, 4)]
    calls = [await dispatch.call() for _ in range(3)]
    await dispatch.held(calls[0], made[0])
    await dispatch.held(calls[1], made[1])
    answer = await dispatch.post(f"/calls/{calls[2]['id']}/holds", {"slot_id": made[0]["id"]})
    assert [it["slot_id"] for it in answer.json()["alternatives"]] == [made[2]["id"]]


async def test_no_alternative_is_booked(dispatch: Dispatch) -> None:
    """A call that holds nothing was once offered the booked slots too: a client would try them for ever."""
    made = [await dispatch.slot(hours) for hours in range(1, 4)]
    last, *others = [await dispatch.call() for _ in range(3)]
    for call, slot in zip(others, made, strict=False):
        hold = await dispatch.held(call, slot)
        await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    answer = await dispatch.post(f"/calls/{last['id']}/holds", {"slot_id": made[0]["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert [it["slot_id"] for it in answer.json()["alternatives"]] == [made[2]["id"]]


async def test_alternatives_are_looked_for_again_when_none_is_left(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(2)
    first, second = await dispatch.call(), await dispatch.call()
    await dispatch.held(first, slot)
    newer = await dispatch.slot(3)
    answer = await dispatch.post(f"/calls/{second['id']}/holds", {"slot_id": slot["id"]})
    assert [it["slot_id"] for it in answer.json()["alternatives"]] == [newer["id"]]


async def test_holding_again_what_one_holds_gives_a_fresh_token(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    first = await dispatch.held(call, slot)
    dispatch.advance(minutes=2)
    second = await dispatch.held(call, slot)
    assert second["token"] != first["token"]
    assert second["fence"] > first["fence"]
    assert second["expires_at"] > first["expires_at"]
    assert (await dispatch.get(f"/holds/{first['id']}"))["state"] == "released"
    other = await dispatch.call()
    assert await dispatch.refused(f"/calls/{other['id']}/holds", {"slot_id": slot["id"]}) == (409, "slot_taken")
    await dispatch.made(f"/holds/{second['id']}/confirm", {"token": second["token"]})


async def test_a_new_hold_releases_the_earlier_one_of_the_call(dispatch: Dispatch) -> None:
    one, two, call = await dispatch.slot(1), await dispatch.slot(2), await dispatch.call()
    first = await dispatch.held(call, one)
    await dispatch.held(call, two)
    assert (await dispatch.get(f"/holds/{first['id']}"))["state"] == "released"
    assert [it["state"] for it in (await dispatch.get("/slots"))["items"]] == ["free", "held"]
    assert len(await dispatch.told("hold.released")) == 1
    assert await dispatch.refused(f"/holds/{first['id']}/confirm", {"token": first["token"]}) == (
        409,
        "hold_not_active",
    )


async def test_a_hold_past_its_time_holds_nothing(dispatch: Dispatch) -> None:
    """Nobody has swept: the reader, the matcher and the next caller see a free slot all the same."""
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    dispatch.advance(minutes=5)
    assert (await dispatch.get(f"/holds/{hold['id']}"))["state"] == "expired"
    assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "free"
    assert (await dispatch.get(f"/calls/{call['id']}"))["hold"] is None
    assert await dispatch.refused(f"/holds/{hold['id']}/confirm", {"token": hold["token"]}) == (410, "hold_expired")
    assert await dispatch.refused(f"/holds/{hold['id']}/release", {"token": hold["token"]}) == (410, "hold_expired")
    other = await dispatch.call()
    assert [it["slot_id"] for it in other["proposals"]] == [slot["id"]]
    await dispatch.held(other, slot)
    assert len(await dispatch.told("hold.expired")) == 1
    await dispatch.system(expire_holds)
    assert len(await dispatch.told("hold.expired")) == 1
    assert await dispatch.refused(f"/holds/{hold['id']}/confirm", {"token": hold["token"]}) == (410, "hold_expired")


async def test_the_same_call_may_hold_again_what_it_let_expire(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    first = await dispatch.held(call, slot)
    dispatch.advance(minutes=5)
    second = await dispatch.held(call, slot)
    assert (await dispatch.get(f"/holds/{first['id']}"))["state"] == "expired"
    assert (await dispatch.get(f"/holds/{second['id']}"))["state"] == "active"


async def test_a_one_shot_takes_an_expired_hold_s_seat(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    await dispatch.held(call, slot)
    dispatch.advance(minutes=5)
    assert (await dispatch.call(mode="book"))["booking"]["slot_id"] == slot["id"]
    assert len(await dispatch.told("hold.expired")) == 1


async def test_the_sweeper_tells_each_expiry_once(dispatch: Dispatch) -> None:
    for hours in (1, 2, 3):
        slot, call = await dispatch.slot(hours), await dispatch.call()
        await dispatch.held(call, slot)
    assert await dispatch.system(expire_holds) == 0
    dispatch.advance(minutes=5)
    assert await dispatch.system(expire_holds) == 3
    assert await dispatch.system(expire_holds) == 0
    assert len(await dispatch.told("hold.expired")) == 3
    assert await dispatch.rows("SELECT * FROM seat_claim") == []


async def test_the_token_is_the_authority(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    path = f"/holds/{hold['id']}"
    assert await dispatch.refused(f"{path}/confirm", {"token": "guess"}) == (403, "hold_token_wrong")
    assert await dispatch.refused(f"{path}/release", {"token": "guess"}) == (403, "hold_token_wrong")
    assert await dispatch.refused(f"{path}/release", sub="somebody else") == (403, "hold_token_wrong")
    assert await dispatch.refused(f"{path}/confirm", {}) == (422, "invalid_input")
    assert (await dispatch.get(path))["state"] == "active"
    (stored,) = await dispatch.rows("SELECT token_digest FROM hold")
    assert hold["token"].encode() not in stored["token_digest"]


@pytest.mark.parametrize(
    ("body", "caller"),
    [({"token": None}, {}), (None, {}), (None, {"role": "operator"}), ("token", {"sub": "somebody else"})],
)
async def test_who_may_release(dispatch: Dispatch, body: Any, caller: dict[str, str]) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    sent = {"token": hold["token"]} if body == "token" else body
    released = await dispatch.made(f"/holds/{hold['id']}/release", sent, status=200, **caller)
    assert released["state"] == "released"
    assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "free"
    assert await dispatch.refused(f"/holds/{hold['id']}/release") == (409, "hold_not_active")
    assert (await dispatch.get(f"/calls/{call['id']}"))["state"] == "open"


async def test_a_hold_is_confirmed_once(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    path, body = f"/holds/{hold['id']}/confirm", {"token": hold["token"]}
    first = await dispatch.post(path, body, key="same")
    again = await dispatch.post(path, body, key="same")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert await dispatch.refused(path, body) == (409, "hold_not_active")
    assert len(await dispatch.told("booking.confirmed")) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"audience": ["SNP"]}, "audience"),
        ({"effector": {"rpps": NURSE}}, "profession"),
        ({"mode": "HH"}, "mode"),
        ({"place": {"commune": RENNES}}, "too_far"),
    ],
)
async def test_a_slot_that_does_not_fit_says_why(dispatch: Dispatch, change: dict[str, Any], reason: str) -> None:
    slot, call = await dispatch.slot(4, **change), await dispatch.call()
    answer = await dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_not_suitable")
    assert answer.json()["reason"] == reason
    assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "free"


async def test_times_are_checked_when_a_slot_is_picked(dispatch: Dispatch) -> None:
    soon, late = await dispatch.slot(1), await dispatch.slot(47)
    call = await dispatch.call(constraints={"deadline": (NOW + timedelta(hours=10)).isoformat()})
    body = {"slot_id": late["id"]}
    assert (await dispatch.post(f"/calls/{call['id']}/holds", body)).json()["reason"] == "after_deadline"
    dispatch.advance(hours=2)
    body = {"slot_id": soon["id"]}
    assert (await dispatch.post(f"/calls/{call['id']}/holds", body)).json()["reason"] == "too_early"


async def test_what_changed_since_it_was_proposed(dispatch: Dispatch) -> None:
    withdrawn, kept, call = await dispatch.slot(1), await dispatch.slot(2), await dispatch.call()
    await dispatch.made(f"/slots/{withdrawn['id']}/withdraw", {"reason": "away"}, role="coordinator", status=200)
    path = f"/calls/{call['id']}/holds"
    assert (await dispatch.post(path, {"slot_id": withdrawn["id"]})).json()["reason"] == "withdrawn"
    async with dispatch.runtime.db.work("pays-de-redon") as work:
        await effectors.apply_participation(work, rpps=DOCTOR, participates=False, version=2)
    assert (await dispatch.post(path, {"slot_id": kept["id"]})).json()["reason"] == "not_participating"


async def test_a_slot_that_was_not_proposed_but_fits(dispatch: Dispatch) -> None:
    call = await dispatch.call()
    assert call["state"] == "waiting"
    slot = await dispatch.slot(3, effector={"rpps": OTHER_DOCTOR}, place={"commune": ALLAIRE})
    hold = await dispatch.held(call, slot)
    await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    assert (await dispatch.get(f"/calls/{call['id']}"))["state"] == "booked"


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("booked", {"mode": "book"}),
        ("redirected", {"need": {"red_flags": ["chest_pain"]}}),
        ("refused", {"need": {"patient_agrees": False}}),
    ],
)
async def test_a_call_that_is_not_open(dispatch: Dispatch, state: str, change: dict[str, Any]) -> None:
    await dispatch.slot(1)
    free, call = await dispatch.slot(2), await dispatch.call(**change)
    answer = await dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": free["id"]})
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "call_not_open", state)


async def test_a_call_past_its_deadline(dispatch: Dispatch) -> None:
    call = await dispatch.call(constraints={"deadline": (NOW + timedelta(hours=1)).isoformat()})
    slot = await dispatch.slot(2)
    dispatch.advance(hours=1)
    assert await dispatch.refused(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}) == (409, "call_not_open")


async def test_unknown_things(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    assert await dispatch.refused(f"/calls/{NOWHERE}/holds", {"slot_id": slot["id"]}) == (404, "call_not_found")
    assert await dispatch.refused(f"/calls/{call['id']}/holds", {"slot_id": NOWHERE}) == (404, "slot_not_found")
    assert await dispatch.refused(f"/calls/{call['id']}/holds", {"slot_id": "x"}) == (422, "invalid_input")
    for path, body in (("confirm", {"token": "x"}), ("release", {"token": "x"})):
        assert await dispatch.refused(f"/holds/{NOWHERE}/{path}", body) == (404, "hold_not_found")
    assert (await (await dispatch.client("ed")).get(f"/v1/holds/{NOWHERE}")).status_code == 404


async def test_another_territory_s_call_and_slot_are_unknown(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    hold = await dispatch.held(call, slot)
    there = {"territory": "haute-saintonge"}
    path = f"/calls/{call['id']}/holds"
    assert await dispatch.refused(path, {"slot_id": slot["id"]}, **there) == (404, "call_not_found")
    body = {"token": hold["token"]}
    assert await dispatch.refused(f"/holds/{hold['id']}/confirm", body, **there) == (404, "hold_not_found")
    theirs = await dispatch.made("/calls", a_call(), **there)
    path = f"/calls/{theirs['id']}/holds"
    assert await dispatch.refused(path, {"slot_id": slot["id"]}, **there) == (404, "slot_not_found")


async def test_every_seat_of_a_slot_is_given_once(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(capacity=2)
    calls = [await dispatch.call() for _ in range(3)]
    first = await dispatch.held(calls[0], slot)
    assert (await dispatch.get(f"/slots/{slot['id']}"))["free_seats"] == 1
    await dispatch.held(calls[1], slot)
    assert await dispatch.refused(f"/calls/{calls[2]['id']}/holds", {"slot_id": slot["id"]}) == (409, "slot_taken")
    await dispatch.made(f"/holds/{first['id']}/release", status=200)
    await dispatch.held(calls[2], slot)
    assert [row["seat"] for row in await dispatch.rows("SELECT seat FROM seat_claim ORDER BY seat")] == [1, 2]


async def test_a_practitioner_s_own_calls_only(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    path, body = f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}
    stranger = {"role": "practitioner", "rpps": STRANGER, "sub": "stranger"}
    assert await dispatch.refused(path, body, **stranger) == (403, "not_your_call")
    assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "free"
