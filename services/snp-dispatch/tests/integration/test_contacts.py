"""The patient's name and phone: in, sealed, read under audit, gone."""

import pytest
from dispatch_stage import DOCTOR, OTHER_DOCTOR, Dispatch, a_call

from snp_dispatch.usecases.sweep import purge_contacts

NAME, PHONE = "Quastrelle Ninoune", "+33199005678"
CONTACT = {"contact": {"name": NAME, "phone": PHONE}}


async def test_a_contact_is_never_repeated(dispatch: Dispatch) -> None:
    await dispatch.slot()
    answer = await dispatch.post("/calls", a_call(mode="book", patient=CONTACT), organisation="CHIRC")
    call = answer.json()
    texts = [answer.text, str(await dispatch.get(f"/calls/{call['id']}")), str(await dispatch.get("/calls"))]
    texts += [row["body"] for row in await dispatch.told()]
    texts += [str(row) for row in await dispatch.rows("SELECT * FROM call")]
    texts += [str(row) for row in await dispatch.rows("SELECT * FROM call_contact")]
    texts += [str(row) for row in await dispatch.rows("SELECT * FROM idempotency")]
    for text in texts:
        assert NAME not in text
        assert PHONE not in text


@pytest.mark.parametrize(
    ("role", "claims", "ground"),
    [
        ("ed", {"organisation": "CHIRC", "sub": "a colleague"}, "caller_organisation"),
        ("ed", {}, "caller_organisation"),
        ("operator", {}, "operator"),
        ("practitioner", {"rpps": DOCTOR}, "practitioner"),
        ("ed", {"organisation": "another hospital", "sub": "stranger"}, None),
        ("ed", {"sub": "stranger"}, None),
        ("practitioner", {"rpps": OTHER_DOCTOR}, None),
        ("practitioner", {"organisation": "CHIRC"}, None),
    ],
)
async def test_who_may_read(dispatch: Dispatch, role: str, claims: dict[str, str], ground: str | None) -> None:
    await dispatch.slot()
    body = a_call(mode="book", patient=CONTACT)
    call = await dispatch.made("/calls", body, **({"organisation": "CHIRC"} if claims.get("sub") else {}))
    http = await dispatch.client(role, **claims)
    answer = await http.get(f"/v1/calls/{call['id']}/contact")
    audit = await dispatch.rows("SELECT * FROM contact_read")
    if ground is None:
        assert (answer.status_code, answer.json()["code"]) == (403, "contact_not_yours")
        assert audit == []
    else:
        assert answer.json() == {"name": NAME, "phone": PHONE}
        assert [(row["ground"], row["client"], str(row["call_id"])) for row in audit] == [
            (ground, claims.get("sub", role), call["id"])
        ]


async def test_a_practitioner_whose_visit_is_cancelled_reads_no_more(dispatch: Dispatch) -> None:
    await dispatch.slot()
    call = await dispatch.call(mode="book", patient=CONTACT)
    http = await dispatch.client("practitioner", rpps=DOCTOR)
    assert (await http.get(f"/v1/calls/{call['id']}/contact")).status_code == 200
    body = {"reason": "recovered", "by": "patient"}
    await dispatch.made(f"/bookings/{call['booking']['id']}/cancel", body, status=200)
    assert (await http.get(f"/v1/calls/{call['id']}/contact")).status_code == 403


async def test_a_contact_is_purged_after_its_days(dispatch: Dispatch) -> None:
    call = await dispatch.call(patient=CONTACT)
    http = await dispatch.client("ed")
    dispatch.advance(days=29)
    assert await dispatch.system(purge_contacts) == 0
    assert (await http.get(f"/v1/calls/{call['id']}/contact")).status_code == 200
    dispatch.advance(days=1)
    # Even before the job has run.
    assert (await http.get(f"/v1/calls/{call['id']}/contact")).json()["code"] == "contact_not_found"
    assert await dispatch.system(purge_contacts) == 1
    assert await dispatch.rows("SELECT * FROM call_contact") == []


@pytest.mark.parametrize("patient", [{}, {"contact": None}])
async def test_no_contact(dispatch: Dispatch, patient: dict[str, None]) -> None:
    call = await dispatch.call(patient=patient)
    answer = await (await dispatch.client("ed")).get(f"/v1/calls/{call['id']}/contact")
    assert (answer.status_code, answer.json()["code"]) == (404, "contact_not_found")


async def test_a_contact_of_another_territory(dispatch: Dispatch) -> None:
    call = await dispatch.call(patient=CONTACT)
    http = await dispatch.client("operator", territory="haute-saintonge")
    assert (await http.get(f"/v1/calls/{call['id']}/contact")).json()["code"] == "call_not_found"


async def test_a_contact_moved_to_another_call_does_not_open(dispatch: Dispatch) -> None:
    one = await dispatch.call(patient=CONTACT)
    two = await dispatch.call(patient={"contact": {"name": "Somebody else", "phone": None}})
    await dispatch.rows(
        "UPDATE call_contact SET sealed = (SELECT sealed FROM call_contact WHERE call_id = $1) WHERE call_id = $2",
        one["id"],
        two["id"],
    )
    answer = await (await dispatch.client("ed")).get(f"/v1/calls/{two['id']}/contact")
    assert (answer.status_code, answer.json()["code"]) == (500, "contact_sealed")
    assert NAME not in answer.text
