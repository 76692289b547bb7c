"""Extra patients in full slots, for the tests of overbooking."""

from typing import Any

from dispatch_stage import DOCTOR, OTHER_DOCTOR, Dispatch

NOWHERE = "00000000-0000-7000-8000-000000000000"


OWN = {"role": "practitioner", "rpps": DOCTOR, "sub": "doctor"}


OTHERS = {"role": "practitioner", "rpps": OTHER_DOCTOR, "sub": "other doctor"}


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


async def refusal(dispatch: Dispatch, slot_id: str, call: Any, **who: Any) -> Any:
    answer = await dispatch.post(f"/slots/{slot_id}/overbook", body(call), **{"role": "operator", **who})
    told = answer.json()
    return answer.status_code, told["code"], told.get("reason", told.get("limit", told.get("state")))


async def full_slot(dispatch: Dispatch, hours: float = 4, **slot: Any) -> Any:
    made = await dispatch.slot(hours, **slot)
    hold = await dispatch.held(await dispatch.call(), made)
    await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    return made


async def alone(dispatch: Dispatch, hours: float = 4) -> Any:
    """An extra patient whose slot has no other visit any more."""
    booking = await dispatch.booked(hours)
    extra = await overbooked(dispatch, booking["slot_id"])
    await cancel(dispatch, booking)
    return extra
