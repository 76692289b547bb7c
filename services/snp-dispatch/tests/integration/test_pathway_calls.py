"""A step of a pathway needs a visit: one call for each wish, in whatever order and how often its events come."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from dispatch_stage import ALLAIRE, DOCTOR, ELSEWHERE, HERE, NOW, OTHER_DOCTOR, REDON, Dispatch, a_call

from contracts.envelope import Event, Payload
from contracts.pathways import StepVisitWanted, StepVisitWithdrawn
from contracts.registry import BY_PAYLOAD
from kit.consumer import Rejected
from snp_dispatch.consumers import subscriptions
from snp_dispatch.usecases.recall_lent import recall_lent

WISH, REF, OWN = UUID(int=71), UUID(int=72), UUID(int=74)


def told(payload: Payload, territory: str = HERE) -> Event[Any]:
    kind = BY_PAYLOAD[type(payload)]
    return kind.envelope(
        id=uuid4(),
        source=kind.source,
        type=kind.name,
        time=NOW,
        subject=str(getattr(payload, kind.aggregate_id)),
        territory=territory,
        aggregateversion=1,
        correlationid="test",
        data=payload,
    )


def wanted(territory: str = HERE, **changes: Any) -> Event[Any]:
    said = {
        "visit_id": WISH,
        "attempt": 1,
        "patient_ref": REF,
        "profession": "10",
        "specialty": "general-practice",
        "act": None,
        "modes": ("AMB", "HH"),
        "age_band": "60-69",
        "commune": REDON,
        "department": None,
        "deadline": NOW + timedelta(days=12),
    }
    return told(StepVisitWanted.model_validate({**said, **changes}), territory)


def withdrawn(territory: str = HERE) -> Event[Any]:
    return told(StepVisitWithdrawn(visit_id=WISH, reason="step_closed"), territory)


async def apply(dispatch: Dispatch, *events: Event[Any]) -> None:
    """As the worker's consumer does it: each in a transaction of its territory."""
    (handlers,) = [it.handlers for it in subscriptions(dispatch.rules) if it.owner == "pathways"]
    for event in events:
        async with dispatch.runtime.db.work(event.territory) as work:
            await handlers[type(event.data)](event, work)


async def states(dispatch: Dispatch) -> list[str]:
    return [row["state"] for row in await dispatch.rows("SELECT state FROM call")]


async def test_a_call_is_opened_with_the_deadline_of_the_step_and_nothing_is_booked(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(100)
    await apply(dispatch, wanted())
    call = await dispatch.get(f"/calls/{WISH}", role="operator")
    assert (call["state"], call["origin"]) == ("open", "pathway")
    assert call["deadline"] == "2026-12-06T08:00:00Z"
    assert call["patient"] == {
        "ref": str(REF),
        "age": 60,
        "commune": REDON,
        "regular_doctor_rpps": None,
        "mobility": "walks",
    }
    # Beyond the 48 hours of unscheduled care, and within those of the step.
    assert [it["slot_id"] for it in call["proposals"]] == [slot["id"]]
    (received,) = await dispatch.told("call.received")
    assert '"age_band":"60-69"' in received["body"].replace(" ", "")


async def test_a_visit_that_nothing_fits_waits_before_calls_without_a_level(dispatch: Dispatch) -> None:
    await dispatch.call(patient={"ref": "somebody"}, need={"profession": "60", "specialty": None, "triage": None})
    await apply(dispatch, wanted())
    rows = await dispatch.rows("SELECT id, state, priority, book FROM call WHERE origin = 'pathway'")
    assert [(row["state"], row["priority"], row["book"]) for row in rows] == [("waiting", 50, False)]


async def test_a_sensitive_pathway_counts_from_the_commune_of_the_policy(dispatch: Dispatch) -> None:
    await apply(dispatch, wanted(commune=None, department="56"))
    call = await dispatch.get(f"/calls/{WISH}", role="operator")
    assert call["patient"]["commune"] == ALLAIRE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"profession": "99"}, "code_unknown"),
        ({"specialty": "alchemy"}, "code_unknown"),
        ({"act": "bloodletting"}, "code_unknown"),
        ({"commune": "99999"}, "commune_unknown"),
        ({"commune": None, "department": "99"}, "commune_unknown"),
        ({"deadline": NOW}, "deadline_past"),
    ],
    ids=str,
)
async def test_what_can_never_be_served_is_rejected_with_its_reason(
    dispatch: Dispatch, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Rejected, match=reason):
        await apply(dispatch, wanted(**changes))
    assert await states(dispatch) == []
    assert await dispatch.told() == []


@pytest.mark.parametrize("order", sorted(set(itertools.permutations("WWXX"))), ids="".join)
async def test_withdrawn_in_any_order_and_twice_ends_without_an_open_call(
    dispatch: Dispatch, order: tuple[str, ...]
) -> None:
    told_once = {"W": wanted(), "X": withdrawn()}
    await apply(dispatch, *(told_once[it] for it in order))
    assert await states(dispatch) == ([] if order[0] == "X" else ["cancelled"])
    assert len(await dispatch.told("call.cancelled")) == (0 if order[0] == "X" else 1)


async def test_of_the_same_wish_at_once_one_call_is_opened(dispatch: Dispatch) -> None:
    await asyncio.gather(*(apply(dispatch, wanted()) for _ in range(8)))
    assert await states(dispatch) == ["waiting"]
    assert len(await dispatch.told("call.received")) == 1


async def test_wanted_and_withdrawn_at_once_leave_no_open_call(dispatch: Dispatch) -> None:
    for number in range(10):
        own = UUID(int=1000 + number)
        gone = told(StepVisitWithdrawn(visit_id=own, reason="step_closed"))
        await asyncio.gather(apply(dispatch, wanted(visit_id=own)), apply(dispatch, gone))
    assert set(await states(dispatch)) <= {"cancelled"}


async def test_a_hold_is_released_and_a_booked_visit_stands(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(100)
    await apply(dispatch, wanted())
    await dispatch.made(f"/calls/{WISH}/holds", {"slot_id": slot["id"]}, role="operator")
    await apply(dispatch, withdrawn())
    assert (await states(dispatch), len(await dispatch.told("hold.released"))) == (["cancelled"], 1)
    other = UUID(int=73)
    await apply(dispatch, wanted(visit_id=other))
    hold = await dispatch.made(f"/calls/{other}/holds", {"slot_id": slot["id"]}, role="operator")
    booking = await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]}, role="operator")
    await apply(dispatch, told(StepVisitWithdrawn(visit_id=other, reason="step_closed")))
    call = await dispatch.get(f"/calls/{other}", role="operator")
    assert (call["state"], call["booking"]["state"]) == ("booked", "confirmed")
    assert booking["practitioner_rpps"] == DOCTOR


async def test_another_territory_neither_closes_nor_sees_it(dispatch: Dispatch) -> None:
    await apply(dispatch, wanted(), withdrawn(ELSEWHERE))
    assert await states(dispatch) == ["waiting"]
    there = await dispatch.client("operator", territory=ELSEWHERE)
    assert (await there.get(f"/v1/calls/{WISH}")).status_code == 404


async def test_nobody_states_such_a_call_over_http(dispatch: Dispatch) -> None:
    assert (await dispatch.refused("/calls", a_call(origin="pathway")))[0] == 422


async def test_needs_of_pathways_are_not_for_other_callers(dispatch: Dispatch) -> None:
    need = {"profession": "10", "specialty": "geriatrics"}
    assert await dispatch.refused("/calls", a_call(need=need)) == (422, "code_unknown")
    await apply(dispatch, wanted(specialty="geriatrics"))
    assert await states(dispatch) == ["waiting"]


async def test_the_patients_own_doctor_is_asked_first(dispatch: Dispatch) -> None:
    """Somebody else is free a day before."""
    other = await dispatch.slot(4, effector={"rpps": OTHER_DOCTOR})
    own = await dispatch.slot(28)
    await apply(dispatch, wanted(), wanted(visit_id=OWN, regular_doctor_rpps=DOCTOR))
    anybody, call = [await dispatch.get(f"/calls/{it}", role="operator") for it in (WISH, OWN)]
    assert [it["slot_id"] for it in anybody["proposals"]] == [other["id"], own["id"]]
    assert [it["slot_id"] for it in call["proposals"]] == [own["id"], other["id"]]
    assert call["proposals"][0]["reasons"][0] == "regular_doctor"
    assert (call["patient"]["regular_doctor_rpps"], call["regular_doctor_tried"]["outcome"]) == (DOCTOR, "offered")


async def booked_late(dispatch: Dispatch, territory: str = HERE) -> None:
    """A visit that a step asked for within a day, booked and then moved beyond that; now the day is over."""
    slot = await dispatch.slot(4)
    await apply(dispatch, wanted(territory, deadline=NOW + timedelta(hours=24)))
    if territory == HERE:
        hold = await dispatch.made(f"/calls/{WISH}/holds", {"slot_id": slot["id"]}, role="operator")
        await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]}, role="operator")
    else:
        terms = {"to_territory": territory, "ends_at": "2026-12-24T08:00:00Z"}
        grant = await dispatch.made("/grants", terms, role="coordinator")
        body = {"call_id": str(WISH), "slot_id": slot["id"]}
        await dispatch.made(f"/grants/{grant['id']}/bookings", body, role="operator", territory=territory)
    for table in ("slot", "booking"):
        moved = f"UPDATE {table} SET starts_at = starts_at + $1, ends_at = ends_at + $1 RETURNING 1"
        await dispatch.rows(moved, timedelta(hours=24))
    dispatch.advance(hours=25)


async def closed(dispatch: Dispatch) -> None:
    until = {"starts_at": NOW.isoformat(), "ends_at": (NOW + timedelta(hours=40)).isoformat()}
    await dispatch.made(f"/effectors/{DOCTOR}/closures", {**until, "reason": "ill"}, role="coordinator")


@pytest.mark.parametrize("territory", [HERE, ELSEWHERE])
async def test_after_a_closure_it_has_the_delay_that_the_step_gave_it(dispatch: Dispatch, territory: str) -> None:
    """Not the 48 hours of unscheduled care, and not the year that a step may ask for."""
    await booked_late(dispatch, territory)
    await closed(dispatch)
    await dispatch.system(lambda work: recall_lent(work, dispatch.runtime.db, dispatch.rules))
    (call,) = await dispatch.rows("SELECT state, deadline FROM call")
    assert (call["state"], call["deadline"] - NOW) == ("waiting", timedelta(hours=25 + 24))
