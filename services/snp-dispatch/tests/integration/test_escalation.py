"""The ladder of a waiting call: steps in time, each once, until it is served, by the file of its receipt."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, NOW, NURSE, Dispatch, a_call, fire

from snp_dispatch.domain.ladder import Ladder
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.escalate import begin_ladders
from snp_dispatch.usecases.keep_ladders import keep_ladders
from snp_dispatch.usecases.refill import Refill


async def minutes(dispatch: Dispatch, count: float) -> int:
    dispatch.advance(minutes=count)
    return await fire(dispatch)


async def progress(dispatch: Dispatch, call: Any) -> Any:
    return await dispatch.get(f"/calls/{call['id']}/escalation")


async def waiting(dispatch: Dispatch, **changes: Any) -> Any:
    call = await dispatch.call(**changes)
    assert call["state"] == "waiting"
    await dispatch.system(begin_ladders)
    return call


async def refill(dispatch: Dispatch) -> int:
    job = Refill(dispatch.rules)
    return int(await dispatch.system(lambda work: job.run(work, dispatch.runtime.db)))


async def test_the_steps_are_taken_in_their_time_each_once(dispatch: Dispatch) -> None:
    call = await waiting(dispatch)
    first = await progress(dispatch, call)
    assert (first["state"], first["done"]) == ("running", [])
    assert first["next"] == {"position": 0, "kind": "widen_radius", "at": "2026-11-24T08:30:00Z"}
    assert await minutes(dispatch, 29) == 0
    assert await minutes(dispatch, 1) == 1
    assert await fire(dispatch) == 0
    for wait in (30, 60, 15, 45, 360):
        assert await minutes(dispatch, wait) == 1
    assert await minutes(dispatch, 24 * 60) == 0
    done = await progress(dispatch, call)
    assert (done["state"], done["next"]) == ("finished", None)
    kinds = ["widen_radius", "video", "other_profession", "offer_volunteers", "human", "back_to_caller"]
    assert done["done"][3]["detail"] == {"reason": "no_volunteer"}
    assert [it["kind"] for it in done["done"]] == kinds
    assert done["done"][-1]["label"] == "Appeler le 15 (SAMU)"
    assert len(await dispatch.told("call.escalated")) == 6
    assert (await dispatch.get(f"/calls/{call['id']}"))["state"] == "waiting"


async def test_a_served_call_climbs_no_further_and_goes_on_when_its_visit_is_cancelled(dispatch: Dispatch) -> None:
    call = await waiting(dispatch, mode="book")
    await minutes(dispatch, 30)
    await dispatch.slot(4)
    await refill(dispatch)
    await minutes(dispatch, 60)
    stopped = await progress(dispatch, call)
    assert (stopped["state"], len(stopped["done"]), stopped["next"]) == ("stopped", 1, None)
    booking = (await dispatch.get(f"/calls/{call['id']}"))["booking"]
    body = {"by": "practitioner", "reason": "ill"}
    await dispatch.made(f"/bookings/{booking['id']}/cancel", body, status=200)
    await dispatch.system(begin_ladders)
    again = await progress(dispatch, call)
    assert (again["state"], again["next"]["position"]) == ("running", 1)


async def test_a_wider_slot_is_offered_never_booked_over_the_callers_head(dispatch: Dispatch) -> None:
    call = await waiting(dispatch, mode="book", constraints={"max_distance_km": 5})
    slot = await dispatch.slot(6, place={"commune": "56001"})
    assert await refill(dispatch) == 0
    await minutes(dispatch, 30)
    assert await refill(dispatch) == 1
    seen = await dispatch.get(f"/calls/{call['id']}")
    assert (seen["state"], seen["hold"]["slot_id"]) == ("waiting", slot["id"])
    assert '"eased_by":["widen_radius"]' in (await dispatch.told("call.offered"))[0]["body"]
    booking = await dispatch.made(f"/calls/{call['id']}/accept")
    assert booking["slot_id"] == slot["id"]


async def test_another_profession_is_offered_after_its_step(dispatch: Dispatch) -> None:
    call = await waiting(dispatch)
    await dispatch.rows(
        "UPDATE effector SET specialties = '{advanced-practice-nurse}' WHERE id = $1 RETURNING 1", NURSE
    )
    await dispatch.slot(6, effector={"rpps": NURSE})
    await minutes(dispatch, 30)
    await minutes(dispatch, 30)
    assert await refill(dispatch) == 0
    await minutes(dispatch, 60)
    assert await refill(dispatch) == 1
    row = (await dispatch.get("/waitlist", role="operator"))["items"][0]
    assert row["call_id"] == call["id"]
    assert row["hold"] is not None
    assert row["tried"]["steps"] == ["widen_radius", "video", "other_profession"]


async def test_a_short_deadline_sees_every_step_before_it(dispatch: Dispatch) -> None:
    call = await waiting(dispatch, constraints={"deadline": (NOW + timedelta(hours=2)).isoformat()})
    for _ in range(12):
        await minutes(dispatch, 9.99)
    done = await progress(dispatch, call)
    assert len(done["done"]) == 6
    assert done["done"][-1]["done_at"] < call["deadline"]


async def test_a_call_keeps_the_ladder_of_its_receipt(dispatch: Dispatch, running: Dispatch) -> None:
    call = await waiting(dispatch)
    rules = dispatch.rules
    changed = rules.ladders[HERE].model_copy(update={"version": "later", "steps": ()})
    later = Rules(**{**vars(rules), "ladders": {**rules.ladders, HERE: changed}})
    await keep_ladders(running.runtime.system, later)
    await minutes(dispatch, 30)
    found = await progress(dispatch, call)
    assert found["ladder_version"] == rules.ladders[HERE].version
    assert len(found["done"]) == 1


async def test_two_workers_take_a_step_once(dispatch: Dispatch) -> None:
    for _ in range(20):
        await waiting(dispatch)
    dispatch.advance(minutes=30)
    fired = await asyncio.gather(*(fire(dispatch) for _ in range(4)))
    assert sum(fired) == 20
    assert len(await dispatch.told("call.escalated")) == 20


async def test_a_call_that_never_waited_has_nothing_to_tell(dispatch: Dispatch) -> None:
    await dispatch.slot(4)
    found = await progress(dispatch, await dispatch.call())
    assert (found["state"], found["done"], found["next"]) == ("none", [], None)
    refused = await dispatch.made("/calls", a_call(need={"red_flags": ["chest_pain"]}))
    assert (await progress(dispatch, refused))["state"] == "none"


async def test_the_ladder_of_a_call_is_for_those_who_read_the_call(dispatch: Dispatch) -> None:
    call = await waiting(dispatch)
    http = await dispatch.client("practitioner", rpps=DOCTOR)
    assert (await http.get(f"/v1/calls/{call['id']}/escalation")).status_code == 403
    far = await dispatch.client("ed", territory="haute-saintonge")
    assert (await far.get(f"/v1/calls/{call['id']}/escalation")).status_code == 404


async def test_a_neighbour_that_granted_slots_is_named(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    step = {"kind": "neighbour", "after_minutes": 0, "territories": [ELSEWHERE]}
    ladder = Ladder.model_validate({"version": "t", "offer_hold_seconds": 900, "steps": [step]})
    monkeypatch.setitem(dispatch.rules.ladders, HERE, ladder)
    monkeypatch.setitem(dispatch.rules.digests, HERE, ladder.digest)
    await keep_ladders(dispatch.runtime.system, dispatch.rules)
    before = await waiting(dispatch)
    assert await fire(dispatch) == 1
    assert (await progress(dispatch, before))["done"][0]["detail"] == {"reason": "no_grant"}
    there = {"role": "coordinator", "territory": ELSEWHERE}
    grant = {"to_territory": HERE, "ends_at": (NOW + timedelta(days=9)).isoformat()}
    await dispatch.made("/grants", {**grant, "professions": ["60"]}, **there)
    revoked = await dispatch.made("/grants", grant, **there)
    await dispatch.made(f"/grants/{revoked['id']}/revoke", status=200, **there)
    given = await dispatch.made("/grants", grant, **there)
    call = await waiting(dispatch)
    assert await fire(dispatch) == 1
    done = (await progress(dispatch, call))["done"][0]
    assert (done["outcome"], done["detail"]["grants"]) == ("done", [given["id"]])
    assert f'"grants":["{given["id"]}"]' in (await dispatch.told("call.escalated"))[-1]["body"]
