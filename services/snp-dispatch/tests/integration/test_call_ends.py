"""Calls: cancelled and expired."""

from dispatch_stage import Dispatch

from snp_dispatch.usecases.sweep import expire_calls


async def test_cancelling_a_call(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    await dispatch.held(call, slot)
    path, body = f"/calls/{call['id']}/cancel", {"reason": "patient_left"}
    cancelled = await dispatch.made(path, body, status=200)
    assert (cancelled["state"], cancelled["hold"]) == ("cancelled", None)
    assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "free"
    assert len(await dispatch.told("hold.released", "call.cancelled")) == 2
    assert await dispatch.refused(path, body) == (409, "call_not_open")


async def test_a_booked_call_is_cancelled_by_its_booking(dispatch: Dispatch) -> None:
    booking = await dispatch.booked()
    path = f"/calls/{booking['call_id']}"
    assert await dispatch.refused(f"{path}/cancel", {"reason": "x"}) == (409, "call_not_open")
    assert (await dispatch.get(path))["state"] == "booked"
    await dispatch.made(f"/bookings/{booking['id']}/cancel", {"reason": "recovered", "by": "patient"}, status=200)
    assert (await dispatch.get(path))["state"] == "cancelled"


async def test_a_call_expires_at_its_deadline(dispatch: Dispatch) -> None:
    call = await dispatch.call()
    dispatch.advance(hours=47)
    await dispatch.system(expire_calls)
    assert (await dispatch.get(f"/calls/{call['id']}"))["state"] == "waiting"
    dispatch.advance(hours=1)
    # By its time, before anybody has swept it.
    assert (await dispatch.get(f"/calls/{call['id']}"))["state"] == "expired"
    assert [it["id"] for it in (await dispatch.get("/calls", state="expired"))["items"]] == [call["id"]]
    for _ in range(2):
        await dispatch.system(expire_calls)
    (told,) = await dispatch.told("call.expired")
    assert told["territory"] == "pays-de-redon"
    assert await dispatch.refused(f"/calls/{call['id']}/cancel", {"reason": "late"}) == (409, "call_not_open")
