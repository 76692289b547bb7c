"""A hold is a contract: its time, its holder, what its owner sees, and who is warned."""

from typing import Any

import pytest
from dispatch_stage import ELSEWHERE, Dispatch
from racing import codes, together
from ruling import policy_says

from snp_dispatch.usecases.keep_hold import warn_holders
from snp_dispatch.usecases.sweep import expire_holds

NOWHERE = "00000000-0000-7000-8000-000000000000"


async def placed(dispatch: Dispatch) -> Any:
    return await dispatch.held(await dispatch.call(), await dispatch.slot())


async def act(dispatch: Dispatch, hold: Any, action: str, *, status: int = 200, **more: Any) -> Any:
    return await dispatch.made(f"/holds/{hold['id']}/{action}", {"token": hold["token"], **more}, status=status)


async def refused(dispatch: Dispatch, hold: Any, action: str, **more: Any) -> tuple[int, str]:
    return await dispatch.refused(f"/holds/{hold['id']}/{action}", {"token": hold["token"], **more})


async def test_a_hold_is_extended_once(dispatch: Dispatch) -> None:
    hold = await placed(dispatch)
    assert hold["extended"] is False
    dispatch.advance(minutes=4)
    longer = await act(dispatch, hold, "extend")
    assert (longer["expires_at"], longer["extended"]) == ("2026-11-24T08:10:00Z", True)
    assert longer["fence"] == hold["fence"]
    assert await refused(dispatch, hold, "extend") == (409, "hold_extended_already")
    dispatch.advance(minutes=5)
    assert (await dispatch.get(f"/slots/{hold['slot_id']}"))["state"] == "held"
    assert await dispatch.system(expire_holds) == 0
    await act(dispatch, hold, "confirm", status=201)
    assert len(await dispatch.told("hold.extended")) == 1


async def test_an_extended_hold_past_its_time_holds_nothing(dispatch: Dispatch) -> None:
    hold = await placed(dispatch)
    await act(dispatch, hold, "extend")
    dispatch.advance(minutes=10)
    assert (await dispatch.get(f"/slots/{hold['slot_id']}"))["state"] == "free"
    await dispatch.held(await dispatch.call(), {"id": hold["slot_id"]})


async def test_a_transfer_kills_the_old_token(dispatch: Dispatch) -> None:
    hold = await placed(dispatch)
    handed = await act(dispatch, hold, "transfer", to="secretary")
    assert handed["token"] != hold["token"]
    assert handed["fence"] > hold["fence"]
    assert (handed["id"], handed["expires_at"]) == (hold["id"], hold["expires_at"])
    for action in ("confirm", "extend", "transfer", "release"):
        assert await refused(dispatch, hold, action) == (403, "hold_token_wrong")
    await act(dispatch, handed, "confirm", status=201, fence=handed["fence"])


async def test_a_stale_fence_is_refused(dispatch: Dispatch) -> None:
    hold = await placed(dispatch)
    handed = await act(dispatch, hold, "transfer")
    assert await refused(dispatch, handed, "confirm", fence=hold["fence"]) == (409, "hold_fence_stale")
    assert (await dispatch.get(f"/holds/{hold['id']}"))["fence"] == handed["fence"]
    await act(dispatch, handed, "confirm", status=201, fence=handed["fence"])


async def test_fences_of_a_slot_grow(dispatch: Dispatch) -> None:
    slot, fences = await dispatch.slot(), []
    for _ in range(3):
        hold = await dispatch.held(await dispatch.call(), slot)
        fences.append(hold["fence"])
        await act(dispatch, hold, "release")
    assert fences == sorted(set(fences))


@pytest.mark.parametrize("action", ["extend", "transfer"])
async def test_what_a_hold_that_ended_refuses(dispatch: Dispatch, action: str) -> None:
    ended, lapsed = await placed(dispatch), await dispatch.held(await dispatch.call(), await dispatch.slot(6))
    await act(dispatch, ended, "confirm", status=201)
    assert await refused(dispatch, ended, action) == (409, "hold_not_active")
    dispatch.advance(minutes=5)
    assert await refused(dispatch, lapsed, action) == (410, "hold_expired")
    assert await refused(dispatch, {"id": NOWHERE, "token": "x"}, action) == (404, "hold_not_found")
    assert await refused(dispatch, {**lapsed, "token": "guessed"}, action) == (403, "hold_token_wrong")
    foreign = await dispatch.refused(f"/holds/{lapsed['id']}/{action}", {"token": "x"}, territory=ELSEWHERE)
    assert foreign == (404, "hold_not_found")


async def test_the_holder_is_warned_once_before_each_end(dispatch: Dispatch) -> None:
    hold = await placed(dispatch)
    dispatch.advance(seconds=239)
    assert await dispatch.system(warn_holders) == 0
    dispatch.advance(seconds=1)
    assert [await dispatch.system(warn_holders) for _ in range(2)] == [1, 0]
    await act(dispatch, hold, "extend")
    dispatch.advance(minutes=5)
    await together(dispatch.system(warn_holders) for _ in range(5))
    told = await dispatch.told("hold.expiring")
    assert len(told) == 2
    assert "2026-11-24T08:10:00Z" in told[1]["body"]


async def test_who_is_not_warned(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hold that ended, one whose time has passed meanwhile, and any where the policy warns nobody."""
    await act(dispatch, await placed(dispatch), "confirm", status=201)
    await dispatch.held(await dispatch.call(), await dispatch.slot(6))
    dispatch.advance(minutes=6)
    policy_says(dispatch, monkeypatch, hold_warning_seconds=0)
    await dispatch.held(await dispatch.call(), await dispatch.slot(8))
    dispatch.advance(minutes=4)
    await dispatch.system(warn_holders)
    assert await dispatch.told("hold.expiring") == []


async def test_complaint_7_the_caller_s_own_hold_does_not_hide_the_slot_from_the_caller(dispatch: Dispatch) -> None:
    """calcom/cal.diy#9942, #20064: for about ten minutes nobody but the computer knew why it was gone."""
    slot, other = await dispatch.slot(4), await dispatch.slot(6)
    call, stranger = await dispatch.call(), await dispatch.call()
    hold = await dispatch.held(call, slot)

    async def seen(**by: str) -> list[tuple[str, bool, int]]:
        items = (await dispatch.get("/slots", **by))["items"]
        return [(it["state"], it["held_by_call"], it["free_seats"]) for it in items]

    assert await seen() == await seen(call_id=stranger["id"]) == [("held", False, 0), ("free", False, 1)]
    assert await seen(call_id=call["id"]) == [("free", True, 1), ("free", False, 1)]
    assert [it["state"] for it in (await dispatch.get("/slots", call_id=call["id"], state="free"))["items"]] == [
        "free",
        "free",
    ]
    shown = await dispatch.get(f"/calls/{call['id']}")
    assert [it["slot_id"] for it in shown["proposals"]] == [slot["id"], other["id"]]
    assert shown["hold"] == {k: hold[k] for k in ("id", "slot_id", "expires_at", "fence")}
    await dispatch.held(stranger, other)
    answer = await dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": other["id"]})
    assert [it["slot_id"] for it in answer.json()["alternatives"]] == [slot["id"]]
    await act(dispatch, await dispatch.held(call, slot), "confirm", status=201)


async def test_slots_as_somebody_else_s_call_sees_them(dispatch: Dispatch) -> None:
    call = await dispatch.call()
    http = await dispatch.client("practitioner", rpps="99000000127", sub="stranger")
    answer = await http.get("/v1/slots", params={"call_id": call["id"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_call")
    answer = await (await dispatch.client("ed")).get("/v1/slots", params={"call_id": NOWHERE})
    assert (answer.status_code, answer.json()["code"]) == (404, "call_not_found")


@pytest.mark.parametrize("round_", range(5))
async def test_a_hold_handed_over_while_it_is_confirmed(dispatch: Dispatch, round_: int) -> None:
    hold = await placed(dispatch)
    path, body = f"/holds/{hold['id']}", {"token": hold["token"]}
    confirm, transfer = await together([dispatch.post(f"{path}/{it}", body) for it in ("confirm", "transfer")])
    assert sorted((confirm.status_code, transfer.status_code)) in ([200, 403], [201, 409])
    if transfer.status_code == 200:
        await act(dispatch, transfer.json(), "confirm", status=201)
    assert len((await dispatch.get("/bookings"))["items"]) == 1


async def test_a_hold_is_extended_by_one_of_many(dispatch: Dispatch) -> None:
    hold = await placed(dispatch)
    answers = await together(dispatch.post(f"/holds/{hold['id']}/extend", {"token": hold["token"]}) for _ in range(10))
    assert codes(answers) == {200: 1, "hold_extended_already": 9}


@pytest.mark.parametrize("round_", range(5))
async def test_a_hold_that_is_extended_in_time_is_not_swept(dispatch: Dispatch, round_: int) -> None:
    """A second before its end, with everybody at the door."""
    hold = await placed(dispatch)
    dispatch.advance(minutes=4, seconds=59)
    extend = dispatch.post(f"/holds/{hold['id']}/extend", {"token": hold["token"]})
    other = await dispatch.call()
    answers = await together(
        [extend, dispatch.post(f"/calls/{other['id']}/holds", {"slot_id": hold["slot_id"]})]
        + [dispatch.system(expire_holds) for _ in range(3)]
    )
    assert [it.status_code for it in answers[:2]] == [200, 409]
    assert answers[2:] == [0, 0, 0]
    assert (await dispatch.get(f"/slots/{hold['slot_id']}"))["state"] == "held"
