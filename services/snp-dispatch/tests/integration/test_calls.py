"""Calls: the answer that the contract promises, one-shot booking, each territory by itself."""

from dispatch_stage import DOCTOR, NOW, STRANGER, Dispatch, a_call

CONTRACT = {
    "id", "state", "received_at", "deadline", "screening", "proposals", "relaxations", "booking", "redirect",
}  # fmt: skip
PROPOSAL = {
    "slot_id", "practitioner", "place", "distance_km", "starts_at", "ends_at", "cost", "cost_parts", "reasons",
}  # fmt: skip


async def test_the_answer_of_the_contract(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    call = await dispatch.call()
    assert set(call) >= CONTRACT
    assert (call["state"], call["booking"], call["redirect"]) == ("open", None, None)
    assert (call["received_at"], call["deadline"]) == ("2026-11-24T08:00:00Z", "2026-11-26T08:00:00Z")
    assert call["screening"]["outcome"] == "accepted"
    assert call["screening"]["policy_version"] == dispatch.rules.policies["pays-de-redon"].on(NOW.date()).version
    assert {it["code"]: it["outcome"] for it in call["screening"]["conditions"]} == {
        "no_red_flag": "passed",
        "triage_assessed": "passed",
        "triage_level": "passed",
        "vital_signs_assessed": "not_required",
        "vital_signs": "not_required",
        "senior_validation": "passed",
        "patient_agreement": "passed",
        "minimum_data": "not_required",
    }
    (proposal,) = call["proposals"]
    assert set(proposal) >= PROPOSAL
    assert proposal["slot_id"] == slot["id"]
    assert proposal["practitioner"] == {"rpps": DOCTOR, "finess": None, "name": "Nolwenn VALZEMERIC"}
    assert proposal["place"] == {"commune": "35236", "name": "Redon"}
    assert proposal["cost"] == sum(proposal["cost_parts"].values())
    assert await dispatch.get(f"/calls/{call['id']}") == call


async def test_one_shot_books_the_best_slot(dispatch: Dispatch) -> None:
    await dispatch.slot(6)
    best = await dispatch.slot(4)
    call = await dispatch.call(mode="book")
    booking = call["booking"]
    assert call["state"] == "booked"
    assert set(booking) >= {
        "id", "call_id", "slot_id", "practitioner_rpps", "starts_at", "ends_at", "place", "state",
    }  # fmt: skip
    assert (booking["slot_id"], booking["call_id"]) == (best["id"], call["id"])
    assert (booking["practitioner_rpps"], booking["state"]) == (DOCTOR, "confirmed")
    assert await dispatch.get(f"/bookings/{booking['id']}") == booking
    assert await dispatch.get(f"/calls/{call['id']}") == call
    assert (await dispatch.get(f"/slots/{best['id']}"))["state"] == "booked"


async def test_the_least_that_suffices(dispatch: Dispatch) -> None:
    await dispatch.slot()
    body = {
        "origin": "professional",
        "caller": {},
        "patient": {"age": 30, "commune": "35236"},
        "need": {"profession": "10", "red_flags": [], "patient_agrees": True},
    }
    call = await dispatch.made("/calls", body, role="practitioner", rpps=STRANGER)
    assert (call["state"], len(call["proposals"])) == ("open", 1)


async def test_a_territory_works_by_its_own_policy_and_slots(dispatch: Dispatch) -> None:
    await dispatch.slot()
    there = await dispatch.made("/calls", a_call(), territory="haute-saintonge")
    assert there["proposals"] == []
    here = await dispatch.call()
    answer = await (await dispatch.client("ed", territory="haute-saintonge")).get(f"/v1/calls/{here['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "call_not_found")
