"""The loop is closed: every call whose time is over was seen, or is told not to have been, once."""

import asyncio
import json
from typing import Any

import pytest
from dispatch_stage import HERE, Dispatch
from ruling import policy_says

from kit.work import Work
from snp_dispatch.usecases.close_loops import close_loops
from snp_dispatch.usecases.sweep import expire_calls


async def closed(dispatch: Dispatch) -> int:
    async def run(work: Work) -> int:
        return await close_loops(work, dispatch.rules)

    found: int = await dispatch.system(run)
    return found


async def not_seen(dispatch: Dispatch) -> dict[str, str]:
    """call -> why."""
    bodies = [json.loads(row["body"]) for row in await dispatch.told("call.not_seen")]
    assert {body["territory"] for body in bodies} <= {HERE}
    assert len({body["subject"] for body in bodies}) == len(bodies)
    return {body["subject"]: body["data"]["why"] for body in bodies}


async def test_a_call_without_visit_is_told_at_its_deadline_once(dispatch: Dispatch) -> None:
    waiting = await dispatch.call()
    dispatch.advance(hours=47.9)
    assert await closed(dispatch) == 0
    dispatch.advance(hours=0.1)
    await asyncio.gather(*(closed(dispatch) for _ in range(5)))
    assert await not_seen(dispatch) == {waiting["id"]: "no_visit"}
    dispatch.advance(days=3)
    assert await closed(dispatch) == 0


async def test_a_visit_that_took_place_closes_the_loop(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(1)
    dispatch.advance(hours=1)
    await dispatch.made(f"/bookings/{booking['id']}/fulfil", role="operator", status=200)
    dispatch.advance(hours=47)
    assert await closed(dispatch) == 1
    assert await not_seen(dispatch) == {}


async def test_a_visit_that_was_missed_is_told_at_the_deadline(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(1)
    dispatch.advance(hours=2)
    await dispatch.made(f"/bookings/{booking['id']}/no-show", {"absent": "patient"}, role="operator", status=200)
    dispatch.advance(hours=46)
    await closed(dispatch)
    assert await not_seen(dispatch) == {booking["call_id"]: "missed"}


async def test_an_outcome_that_nobody_said_is_waited_for(dispatch: Dispatch) -> None:
    """The visit ends half an hour before the deadline; its practitioner has until the next morning."""
    booking = await dispatch.booked(47)
    dispatch.advance(hours=48 + 11.9)
    assert await closed(dispatch) == 0
    dispatch.advance(hours=0.1)
    await closed(dispatch)
    assert await not_seen(dispatch) == {booking["call_id"]: "outcome_unknown"}
    # Late, but said: the story has a `seen` after the `not_seen`.
    await dispatch.made(f"/bookings/{booking['id']}/fulfil", role="operator", status=200)
    assert [row["type"] for row in await dispatch.told("call.not_seen", "booking.fulfilled")] == [
        "fr.cpts.snp-dispatch.call.not_seen.v1", "fr.cpts.snp-dispatch.booking.fulfilled.v1",
    ]  # fmt: skip


async def test_calls_that_needed_no_town_visit_are_left_alone(dispatch: Dispatch) -> None:
    await dispatch.call(need={"red_flags": ["chest_pain"]})
    await dispatch.call(need={"senior_validation": False})
    cancelled = await dispatch.call()
    await dispatch.made(f"/calls/{cancelled['id']}/cancel", {"reason": "patient_left"}, status=200)
    dispatch.advance(days=4)
    assert await closed(dispatch) == 0
    assert await not_seen(dispatch) == {}


async def test_the_desk_counts_who_was_not_seen_today(dispatch: Dispatch) -> None:
    for _ in range(3):
        await dispatch.call()
    dispatch.advance(hours=48)
    await closed(dispatch)
    assert (await dispatch.get("/desk"))["not_seen_today"] == 3
    dispatch.advance(hours=24)
    assert (await dispatch.get("/desk"))["not_seen_today"] == 0


async def test_a_call_that_waits_again_is_closed_too(dispatch: Dispatch) -> None:
    booking: Any = await dispatch.booked(4)
    body = {"reason": "practitioner_ill", "by": "practitioner"}
    await dispatch.made(f"/bookings/{booking['id']}/cancel", body, role="operator", status=200)
    dispatch.advance(hours=48)
    await closed(dispatch)
    assert await not_seen(dispatch) == {booking["call_id"]: "no_visit"}


async def test_a_visit_called_off_after_the_deadline_ends_its_call_and_tells_so(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No sweeper comes to such a call: who listens would else believe that it waits again."""
    policy_says(dispatch, monkeypatch, patient_late_hours=48)
    booking, late = await dispatch.booked(4), await dispatch.slot(60)
    to = {"slot_id": late["id"], "reason": "travels", "by": "patient"}
    await dispatch.made(f"/bookings/{booking['id']}/move", to, status=200)
    dispatch.advance(hours=50)
    body = {"reason": "ill", "by": "practitioner"}
    await dispatch.made(f"/bookings/{booking['id']}/cancel", body, role="operator", status=200)
    assert (await dispatch.get(f"/calls/{booking['call_id']}"))["state"] == "expired"
    (told,) = await dispatch.told("call.expired")
    assert booking["call_id"] in told["body"]
    assert await dispatch.system(expire_calls) == 0
