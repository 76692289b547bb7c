"""Advice between professionals: an on-call order, delays, one answer, and nobody else who reads it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from enrolling import OTHER, READ, Care

from contracts.coordination import AdviceAnswered, AdviceClosed, AdviceEscalated, AdviceRequested
from contracts.envelope import NATIONAL
from pathways.usecases.escalate_advice import escalate_advice

GP, FIRST, SECOND, THIRD = "99000000093", "99000000016", "99000000024", "99000000032"
ASKED = {"kind": "teleexpertise", "specialty": "cardiology", "question": "Quel traitement après cet épisode ?"}


@asynccontextmanager
async def somebody(care: Care, rpps: str, *scopes: str, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
    about = {"sub": f"sub-{rpps}", "rpps": rpps, "role": "practitioner"} | claims
    async with care.connect("advice:write", "duties:read", *scopes, **about) as http:
        yield http


async def post(http: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return await http.post(path, json=body or {}, headers={"Idempotency-Key": str(uuid4())})


async def made(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await post(http, path, body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def group(http: httpx.AsyncClient) -> str:
    """On Mondays the second comes first."""
    members = [{"rpps": FIRST, "weekdays": [2, 3, 4, 5]}, {"rpps": SECOND}, {"rpps": THIRD, "weekdays": []}]
    return str((await made(http, "/v1/duty-groups", {"label": "Cardiologues", "members": members}))["id"])


async def tick(care: Care, **later: float) -> int:
    care.clock.advance(timedelta(**later))
    async with care.runtime.system.work(NATIONAL) as work:
        return await escalate_advice(work, care.runtime.extras["advice_rules"], 100)


async def codes(*answers: httpx.Response) -> list[tuple[int, str]]:
    return [(it.status_code, it.json().get("code", "")) for it in answers]


async def test_who_does_not_answer_is_followed_by_the_next_who_is_there(care: Care) -> None:
    async with (
        somebody(care, GP, "duties:write") as gp,
        somebody(care, SECOND) as second,
        somebody(care, THIRD) as third,
    ):
        shared = await group(gp)
        assert (await gp.get(f"/v1/duty-groups/{shared}/turns")).json() == {"rpps": [SECOND, FIRST, THIRD]}
        one = await made(gp, "/v1/advice", {**ASKED, "group_id": shared})
        assert (one["asked_now"], one["due_at"][:10]) == (SECOND, "2026-11-25")
        assert [await tick(care, hours=15.9), await tick(care, hours=0.2), await tick(care)] == [0, 1, 0]
        # The next is asked, who falls ill: the one after is.
        away = {"rpps": FIRST, "from_on": "2026-11-24", "until_on": "2026-11-30"}
        assert await codes(await post(second, "/v1/duty-absences", away)) == [(403, "not_yours")]
        absence = await made(gp, "/v1/duty-absences", away)
        assert (await gp.get(f"/v1/duty-groups/{shared}/turns")).json() == {"rpps": [SECOND, THIRD]}
        assert await tick(care, hours=16) == 1
        assert [it["id"] for it in (await third.get("/v1/advice")).json()["items"]] == [one["id"]]
        assert (await second.get("/v1/advice")).json()["items"] == []
        assert [await tick(care, hours=15), await tick(care, hours=10), await tick(care, hours=90)] == [0, 1, 0]
        cancel = f"/v1/duty-absences/{absence['id']}/cancel"
        assert await codes(await post(gp, cancel), await post(gp, cancel)) == [
            (200, ""),
            (409, "absence_cancelled"),
        ]
        late = (await gp.get(f"/v1/advice/{one['id']}")).json()
        # Whoever was asked before may still answer.
        answered = await made(second, f"/v1/advice/{one['id']}/answer", {"answer": "Augmenter la dose."})
    assert (late["overdue_at"] is not None, answered["answer"], answered["question"]) == (
        True,
        "Augmenter la dose.",
        ASKED["question"],
    )
    told = [(it["rpps"], it["reason"]) for it in await care.told(AdviceEscalated)]
    assert told == [(FIRST, "unanswered"), (THIRD, "unanswered"), (None, "overdue")]
    (requested,), (counted,) = await care.told(AdviceRequested), await care.told(AdviceAnswered)
    assert (requested["rpps"], counted["in_time"], counted["minutes"] // 60) == (SECOND, False, 147)
    assert "dose" not in str(await care.outbox())
    async with care.runtime.system.work(NATIONAL) as work:
        kept = str([dict(it) for it in await work.fetch("SELECT * FROM advice")])
        kept += str([dict(it) for it in await work.fetch("SELECT * FROM change WHERE entity = 'advice'")])
    assert not any(word in kept for word in ("dose", "traitement"))


async def test_declined_it_goes_on_at_once_and_ends_after_the_last(care: Care) -> None:
    async with (
        somebody(care, GP, "duties:write") as gp,
        somebody(care, FIRST) as first,
        somebody(care, SECOND) as second,
    ):
        members = {"label": "Deux", "members": [{"rpps": FIRST}, {"rpps": SECOND}, {"rpps": GP}]}
        shared = (await made(gp, "/v1/duty-groups", members))["id"]
        one = await made(gp, "/v1/advice", {**ASKED, "group_id": shared})
        path, no = f"/v1/advice/{one['id']}", {"reason": "not_my_field"}
        assert await codes(await post(second, f"{path}/decline", no)) == [(404, "advice_unknown")]
        assert (await made(first, f"{path}/decline", no))["asked_now"] == SECOND
        assert await codes(await post(first, f"{path}/decline", no)) == [(403, "not_asked")]
        ended = await made(second, f"{path}/decline", no)
        assert (ended["state"], ended["reason"]) == ("declined", "not_my_field")
        refused = [await post(first, f"{path}/answer", {"answer": "Oui"}), await post(gp, f"{path}/withdraw")]
        assert await codes(*refused) == [(409, "advice_closed")] * 2
        other = await made(gp, "/v1/advice", {**ASKED, "rpps": FIRST})
        assert await codes(await post(first, f"/v1/advice/{other['id']}/withdraw")) == [(403, "not_asked")]
        assert (await made(gp, f"/v1/advice/{other['id']}/withdraw", {}))["state"] == "withdrawn"
    assert [it["outcome"] for it in await care.told(AdviceClosed)] == ["declined", "withdrawn"]
    assert await tick(care, hours=500) == 0


async def test_two_answer_at_once_and_one_answer_stands(care: Care) -> None:
    async with (
        somebody(care, GP, "duties:write") as gp,
        somebody(care, SECOND) as second,
        somebody(care, FIRST) as first,
    ):
        one = await made(gp, "/v1/advice", {**ASKED, "group_id": await group(gp)})
        await tick(care, hours=17)
        path = f"/v1/advice/{one['id']}/answer"
        answers = await asyncio.gather(*(post(http, path, {"answer": "Oui"}) for http in (first, second)))
    assert sorted(it.status_code for it in answers) == [200, 409]
    assert len(await care.told(AdviceAnswered)) == 1


async def test_of_a_patient_it_is_for_the_care_team_and_who_is_asked(care: Care) -> None:
    enrolment = await care.enrolment()
    patient = enrolment["patient_id"]
    member = {"rpps": GP, "role": "regular-doctor"}
    await care.made(f"/v1/patients/{patient}/team", member)
    about = {**ASKED, "rpps": FIRST, "patient_id": patient}
    async with (
        somebody(care, GP) as gp,
        somebody(care, FIRST) as first,
        somebody(care, SECOND, READ) as outsider,
        somebody(care, FIRST, territory=OTHER) as elsewhere,
        care.connect("advice:write", READ, sub="nurse-1") as nurse,
    ):
        refused = [
            await post(gp, "/v1/advice", about),
            await post(outsider, "/v1/advice", about | {"patient_informed": True}),
        ]
        assert await codes(*refused) == [(422, "patient_not_informed"), (403, "access_refused")]
        one = await made(gp, "/v1/advice", about | {"patient_informed": True})
        path = f"/v1/advice/{one['id']}"
        seen = [await http.get(path) for http in (gp, first, nurse, outsider, elsewhere)]
        assert [it.status_code for it in seen] == [200, 200, 200, 403, 404]
        assert (await outsider.get(f"/v1/patients/{patient}/advice")).status_code == 403
        assert [it["id"] for it in (await nurse.get(f"/v1/patients/{patient}/advice")).json()["items"]] == [one["id"]]
        assert (await first.get(f"/v1/patients/{patient}")).status_code == 403
        export = (await care.get(f"/v1/patients/{patient}/export"))["tables"]["advice"]
        assert export[0]["question"] == ASKED["question"]
        accesses = (await care.get(f"/v1/patients/{patient}/accesses"))["items"]
        assert ("read_advice", f"sub-{FIRST}") in {(it["action"], it["subject"]) for it in accesses}
        objection = {"against": f"rpps:{FIRST}", "made_on": "2026-11-23", "channel": "oral"}
        await care.made(f"/v1/patients/{patient}/objections", objection)
        refused = [await first.get(path), await post(first, f"{path}/answer", {"answer": "Oui"})]
        assert await codes(*refused) == [(403, "access_refused")] * 2


async def test_after_withdrawal_of_consent_who_is_asked_reads_no_more(care: Care) -> None:
    patient = (await care.enrolment())["patient_id"]
    await care.made(f"/v1/patients/{patient}/team", {"rpps": GP, "role": "regular-doctor"})
    async with somebody(care, GP) as gp, somebody(care, FIRST) as first:
        asked = {**ASKED, "rpps": FIRST, "patient_id": patient, "patient_informed": True}
        path = f"/v1/advice/{(await made(gp, '/v1/advice', asked))['id']}"
        (consent,) = (await care.get(f"/v1/patients/{patient}/consents"))["consents"]
        await care.made(f"/v1/patient-consents/{consent['id']}/withdraw", {"channel": "oral"}, status=200)
        assert [(await http.get(path)).status_code for http in (gp, first)] == [403, 403]


async def test_bad_questions_and_groups_are_refused(care: Care) -> None:
    async with somebody(care, GP, "duties:write") as gp:
        twice = {"label": "Deux", "members": [{"rpps": FIRST}, {"rpps": FIRST}]}
        own = (await made(gp, "/v1/duty-groups", {"label": "Moi", "members": [{"rpps": GP}]}))["id"]
        answers = [
            await post(gp, "/v1/duty-groups", twice),
            await post(gp, "/v1/advice", {**ASKED, "group_id": own}),
            await post(gp, "/v1/advice", {**ASKED, "rpps": FIRST, "specialty": "astrology"}),
            await post(gp, "/v1/advice", {**ASKED, "rpps": FIRST, "group_id": own}),
            await post(gp, "/v1/advice", {**ASKED, "rpps": FIRST, "question": "a\x00"}),
            await post(gp, "/v1/advice", {**ASKED, "group_id": "00000000-0000-4000-8000-000000000000"}),
            await post(gp, "/v1/duty-absences", {"rpps": GP, "from_on": "2026-11-25", "until_on": "2026-11-24"}),
        ]
        changed = {"label": "Moi et un autre", "members": [{"rpps": GP}, {"rpps": FIRST}]}
        assert (await gp.put(f"/v1/duty-groups/{own}", json=changed)).json()["version"] == 2
        assert len((await gp.get("/v1/duty-groups")).json()["items"]) == 1
    assert await codes(*answers) == [
        (422, "member_repeated"),
        (409, "nobody_on_call"),
        (422, "code_unknown"),
        (422, "invalid_input"),
        (422, "invalid_input"),
        (404, "group_unknown"),
        (422, "dates_out_of_order"),
    ]
