"""A step that is overdue raises a call, which is booked within the deadline; the visit closes the step."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from kit.testing.harness import until
from local_stack.stack import Stack
from tests.e2e.calls import Client, keyed
from tests.e2e.test_no_identity import events, outbox

STEP = "between-courses"
"""Of lung cancer: the general practitioner sees the patient between two courses; asked for once it is overdue."""


async def enrolled(client: Client) -> dict[str, Any]:
    """Somebody whose steps are late already."""
    care = client("care")
    letters = "".join(chr(ord("a") + int(it, 16)) for it in uuid4().hex[:10])
    patient = {
        "family_name": f"Exemplaire{letters}",
        "given_name": "Camille",
        "birth_date": "1957-03-14",
        "commune": "35236",
        "identity_status": "validated",
    }
    known = (await care.post("/v1/patients", json=patient, headers=keyed())).json()
    began = (datetime.now(UTC) - timedelta(days=60)).date().isoformat()
    body = {
        "patient_id": known["id"],
        "template": "lung-cancer",
        "started_on": began,
        "consent": {"given_on": began, "given_by": "patient", "channel": "oral", "text_version": "2026-11"},
    }
    answer = await care.post("/v1/enrolments", json=body, headers=keyed())
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shown(client: Client, enrolment: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The step, and the askings for its visit."""
    found = (await client("care").get(f"/v1/enrolments/{enrolment['id']}")).json()
    step = next(it for it in found["steps"] if it["key"] == STEP)
    return step, [it for it in found["visits"] if it["step_id"] == step["id"]]


async def asked(client: Client, enrolment: dict[str, Any], attempt: int = 1) -> dict[str, Any]:
    """The call that the dispatch opened."""

    async def call() -> Any:
        _, visits = await shown(client, enrolment)
        told = [it for it in visits if it["attempt"] == attempt and it["state"] == "asked"]
        answer = await client("operator").get(f"/v1/calls/{told[0]['id']}") if told else None
        return answer.json() if answer is not None and answer.status_code == 200 else None

    found: dict[str, Any] = await until(call, 30)
    return found


async def booked(client: Client, call: dict[str, Any], starts: datetime) -> dict[str, Any]:
    """A desk phones the patient, and books a slot that a practitioner just published."""
    coordinator, operator = client("coordinator"), client("operator")
    who = {"profession": "10", "specialty": "general-practice", "near": "35236", "max_distance_km": 30, "snp": True}
    found = (await coordinator.get("/v1/professionals", params=who)).json()["items"]
    for person in found:
        slot = {
            "effector": {"rpps": person["rpps"]},
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(minutes=10)).isoformat(),
            "place": {"commune": "35236"},
            "mode": "AMB",
            "audience": ["SNP", "CPTS"],
        }
        made = await coordinator.post("/v1/slots", json=slot, headers=keyed())
        if made.status_code == 201:
            break
    assert made.status_code == 201, made.text
    path = f"/v1/calls/{call['id']}/holds"
    held = await operator.post(path, json={"slot_id": made.json()["id"]}, headers=keyed())
    assert held.status_code == 201, held.text
    token = {"token": held.json()["token"]}
    done = await operator.post(f"/v1/holds/{held.json()['id']}/confirm", json=token, headers=keyed())
    assert done.status_code == 201, done.text
    booking: dict[str, Any] = done.json()
    return booking


async def test_an_overdue_step_is_booked_within_its_deadline_and_the_visit_closes_it(
    stack: Stack, client: Client
) -> None:
    enrolment = await enrolled(client)
    call = await asked(client, enrolment)
    assert (call["origin"], call["patient"]["ref"]) == ("pathway", enrolment["patient_ref"])
    booking = await booked(client, call, datetime.now(UTC) + timedelta(minutes=5))
    assert booking["starts_at"] < call["deadline"]

    async def on_the_step() -> bool:
        _, visits = await shown(client, enrolment)
        return [(it["state"], it["booking_id"]) for it in visits] == [("booked", booking["id"])]

    await until(on_the_step)
    fulfilled = await client("operator").post(f"/v1/bookings/{booking['id']}/fulfil", headers=keyed())
    assert fulfilled.status_code == 200, fulfilled.text

    async def closed() -> bool:
        step, _ = await shown(client, enrolment)
        return (step["state"], step["proof"], step["proof_ref"]) == ("done", "visit", booking["id"])

    await until(closed)
    await nothing_joins_the_call_and_the_pathway(stack, enrolment, call)


async def nothing_joins_the_call_and_the_pathway(stack: Stack, enrolment: dict[str, Any], call: dict[str, Any]) -> None:
    """What tells of the call has opaque ids only: no event has both its references and those of the pathway."""
    pathway = (enrolment["id"], enrolment["patient_id"], *(it["id"] for it in enrolment["steps"]))
    about = [text for text in (await events(stack)).values() if call["id"] in text or enrolment["patient_ref"] in text]
    assert len(about) >= 5
    assert [text for text in about if any(it in text for it in pathway) or "Exemplaire" in text] == []


async def test_a_no_show_asks_again(client: Client) -> None:
    enrolment = await enrolled(client)
    first = await asked(client, enrolment)
    booking = await booked(client, first, datetime.now(UTC) + timedelta(seconds=3))
    operator = client("operator")

    async def missed() -> bool:
        path = f"/v1/bookings/{booking['id']}/no-show"
        answer = await operator.post(path, json={"absent": "patient"}, headers=keyed())
        assert answer.status_code == 200 or answer.json()["code"] == "too_early", answer.text
        return bool(answer.status_code == 200)

    await until(missed)
    second = await asked(client, enrolment, attempt=2)
    assert second["id"] != first["id"]
    assert (await shown(client, enrolment))[0]["state"] == "overdue"


async def test_a_worker_killed_at_any_moment_asks_once_for_each_step(stack: Stack, client: Client) -> None:
    people = []
    for number in range(12):
        people.append(await enrolled(client))
        if number in (4, 8):
            await stack.kill("pathways-worker")
    calls = [await asked(client, it) for it in people]
    refs = {it["patient_ref"] for it in people}
    bodies = [json.loads(row[0]) for row in await outbox(stack, "pathways", "SELECT body FROM outbox")]
    told = [it["data"] for it in bodies if it["type"].endswith("visit_wanted.v1") and it["data"]["patient_ref"] in refs]
    assert len(told) == len({it["visit_id"] for it in told})
    opened = [json.loads(row[0]) for row in await outbox(stack, "snp-dispatch", "SELECT body FROM outbox")]
    received = [it["data"]["call_id"] for it in opened if it["type"].endswith("call.received.v1")]
    for one in calls:
        assert received.count(one["id"]) == 1
