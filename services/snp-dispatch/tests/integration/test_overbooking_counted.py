"""What counts an extra patient: quotas, fairness, outcomes, compensation."""

import pytest
from dispatch_stage import DOCTOR, NURSE, Dispatch, a_call
from overbooking import alone, body, full_slot, overbooked, refusal, slot_now

from snp_dispatch.domain.compensation import CompensationRules


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
