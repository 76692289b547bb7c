"""A patient of a pathway is booked by the dispatch, and the visit shows on the pathway."""

from datetime import datetime
from typing import Any

from contracts.examples import an_ed_call
from kit.testing.harness import until
from tests.e2e.calls import Client, keyed

PATIENT = {
    "family_name": "Exemplaire",
    "given_name": "Camille",
    "birth_date": "1957-03-14",
    "commune": "35236",
    "identity_status": "validated",
}


async def test_a_booking_of_an_enrolled_patient_appears_on_the_pathway(client: Client) -> None:
    care, ed = client("care"), client("ed")
    patient = (await care.post("/v1/patients", json=PATIENT, headers=keyed())).json()
    (template, *_) = (await care.get("/v1/pathway-templates")).json()["items"]
    body = {
        "patient_id": patient["id"],
        "template": template["id"],
        "started_on": "2026-11-20",
        "consent": {"given_on": "2026-11-20", "channel": "oral", "text_version": template["consent"]["version"]},
    }
    enrolled = await care.post("/v1/enrolments", json=body, headers=keyed())
    assert enrolled.status_code == 201, enrolled.text
    assert enrolled.json()["steps"]

    call = await ed.post("/v1/calls", json=an_ed_call(mode="book", patient={"ref": patient["ref"]}), headers=keyed())
    booking = call.json()["booking"]

    async def shown() -> Any:
        enrolment = (await care.get(f"/v1/enrolments/{enrolled.json()['id']}")).json()
        return [one for one in enrolment["bookings"] if one["booking_id"] == booking["id"]]

    (found,) = await until(shown)
    assert found["state"] == "confirmed"
    assert datetime.fromisoformat(found["starts_at"]) == datetime.fromisoformat(booking["starts_at"])
