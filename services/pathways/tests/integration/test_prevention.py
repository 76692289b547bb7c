"""Prevention campaigns, synthesis sheets with their visits, expert patients."""

import asyncio
from datetime import timedelta
from typing import Any

from activities import CAMPAIGN, NURSE, SHEET, coordinating, practising
from enrolling import CONSENT, OTHER, Care, anybody

from contracts.activities import (
    ExpertEnded,
    ExpertIdentified,
    PreventionCampaignReported,
    SheetPublished,
    SheetWithdrawn,
    VisitsCounted,
)
from contracts.envelope import NATIONAL
from pathways.usecases.keep_sheets import tell_visits


def count(kind: str, people: int, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "day": "2026-11-20", "channel": "letter", "people": people} | changes


async def test_a_campaign_counts_who_was_invited_and_took_part(care: Care) -> None:
    async with coordinating(care) as desk:
        campaign = await desk.made("/v1/prevention-campaigns", CAMPAIGN)
        path = f"/v1/prevention-campaigns/{campaign['id']}"
        await desk.made(f"{path}/counts", count("invited", 1200), status=200)
        await desk.made(f"{path}/counts", count("took_part", 400), status=200)
        wrong = (await desk.get(f"{path}/counts"))["items"][0]
        await desk.made(f"{path}/counts/{wrong['id']}/withdraw", status=200)
        await desk.made(f"{path}/counts/{wrong['id']}/withdraw", status=200)
        found = await desk.made(f"{path}/counts", count("took_part", 380), status=200)
        assert (found["invited"], found["took_part"], found["rate"]) == (1200, 380, 4)
        await desk.made(f"{path}/close", status=200)
        for late in (f"{path}/counts/{wrong['id']}/withdraw", f"{path}/close"):
            assert (await desk.post(late)).json()["code"] == "campaign_closed"
        assert (await desk.post(f"{path}/counts", count("invited", 1))).json()["code"] == "campaign_closed"
        assert [it["id"] for it in (await desk.get("/v1/prevention-campaigns"))["items"]] == [campaign["id"]]
    told = await care.told(PreventionCampaignReported)
    assert [it["took_part"] for it in told] == [0, 0, 400, 0, 380, 380]
    assert told[-1]["closed"]


async def test_a_campaign_that_cannot_be_is_refused(care: Care) -> None:
    async with coordinating(care) as desk:
        for change, field in (({"kind": "moon"}, "kind"), ({"closes_on": "2026-10-31"}, "closes_on")):
            answer = await desk.post("/v1/prevention-campaigns", CAMPAIGN | change)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        campaign = await desk.made("/v1/prevention-campaigns", CAMPAIGN)
        path = f"/v1/prevention-campaigns/{campaign['id']}/counts"
        for body, field in (
            (count("invited", 9501), "people"),
            (count("invited", 1, day="2026-11-24"), "day"),
            (count("asked", 1), "kind"),
        ):
            answer = await desk.post(path, body)
            assert answer.status_code == 422
            assert field in str(answer.json()["errors"])
        vaccination = await desk.made("/v1/prevention-campaigns", CAMPAIGN | {"kind": "vaccination"})
        refused = await desk.post(f"/v1/prevention-campaigns/{vaccination['id']}/counts", count("took_part", 1))
        assert (refused.status_code, refused.json()["code"]) == (409, "counted_elsewhere")


async def test_counts_at_once_never_pass_the_population(care: Care) -> None:
    async with coordinating(care) as desk:
        campaign = await desk.made("/v1/prevention-campaigns", CAMPAIGN | {"population": 250})
        path = f"/v1/prevention-campaigns/{campaign['id']}"
        answers = await asyncio.gather(*(desk.post(f"{path}/counts", count("took_part", 100)) for _ in range(5)))
        assert sorted(it.status_code for it in answers) == [200, 200, 422, 422, 422]
        assert (await desk.get(path))["took_part"] == 200


async def test_a_sheet_is_published_as_numbered_versions(care: Care) -> None:
    async with coordinating(care) as desk, practising(care) as gp:
        sheet = await desk.made("/v1/synthesis-sheets", SHEET)
        path = f"/v1/synthesis-sheets/{sheet['id']}"
        assert (sheet["topic"], sheet["state"]) == ("heart-failure", "draft")
        assert (await gp.http.get(path)).json()["code"] == "sheet_unpublished"
        await desk.made(f"{path}/publish", status=200)
        assert (await desk.http.put(path, json=SHEET | {"body": "Trois kilos."})).status_code == 200
        assert (await gp.get(path))["body"] == SHEET["body"], "what is published stays"
        assert (await desk.made(f"{path}/publish", status=200))["number"] == 2
        assert ((await gp.get(path))["body"], (await gp.get(path, number=1))["body"]) == ("Trois kilos.", SHEET["body"])
        await desk.made(f"{path}/withdraw", status=200)
        assert (await gp.http.get(path)).status_code == 410
        for late in (f"{path}/publish", f"{path}/withdraw"):
            assert (await desk.post(late)).json()["code"] == "sheet_withdrawn"
        assert (await desk.http.put(path, json=SHEET)).status_code == 409
    assert [it["number"] for it in await care.told(SheetPublished)] == [1, 2]
    assert await care.told(SheetWithdrawn) == [{"sheet_id": sheet["id"]}]


async def test_visits_are_counted_by_day_and_told_once(care: Care) -> None:
    async with coordinating(care) as desk, practising(care) as gp, practising(care, NURSE) as nurse:
        sheet = await desk.made("/v1/synthesis-sheets", SHEET)
        path = f"/v1/synthesis-sheets/{sheet['id']}"
        await desk.made(f"{path}/publish", status=200)
        await asyncio.gather(*(it.get(path) for it in (gp, nurse, gp, desk)), gp.get("/v1/synthesis-sheets"))
        visits = await desk.get("/v1/sheet-visits", first="2026-11-23", last="2026-11-23")
        assert visits == {"space": 1, "sheets": {sheet["id"]: 3}}, "who writes them is no visitor"
        refused = await desk.http.get("/v1/sheet-visits", params={"first": "2026-11-23", "last": "2026-11-22"})
        assert refused.status_code == 422

        async def told() -> int:
            async with care.runtime.system.work(NATIONAL) as work:
                return await tell_visits(work, 10)

        assert await told() == 0, "the day is not over"
        care.clock.advance(timedelta(days=1))
        assert sorted(await asyncio.gather(*(told() for _ in range(4)))) == [0, 0, 0, 1]
    (event,) = await care.told(VisitsCounted)
    assert (event["day"], event["space"], event["sheets"]) == (
        "2026-11-23",
        1,
        [{"sheet_id": sheet["id"], "visits": 3}],
    )


async def test_an_expert_patient_agrees_first_and_is_one_no_longer_without_consent(care: Care) -> None:
    patient = await care.patient()
    path = f"/v1/patients/{patient['id']}"
    role = {"role": "expert", "topic": "diabetes"}
    assert (await care.post(f"{path}/expert-roles", role)).json()["code"] == "consent_missing"
    consent = await care.made(f"{path}/consents", {**CONSENT, "purpose": "expert-patient"})
    expert = await care.made(f"{path}/expert-roles", role)
    assert (await care.post(f"{path}/expert-roles", role)).json()["code"] == "expert_already"
    assert (await care.post(f"{path}/expert-roles", role | {"topic": "moon"})).status_code == 422
    other = await care.made(f"{path}/expert-roles", role | {"role": "referent"})
    await care.made(f"/v1/expert-roles/{other['id']}/end", {"reason": "patient_wish"}, status=200)
    assert (await care.post(f"/v1/expert-roles/{other['id']}/end", {"reason": "other"})).json()[
        "code"
    ] == "expert_ended"
    await care.made(f"/v1/patient-consents/{consent['id']}/withdraw", {"channel": "oral"}, status=200)
    ended = await care.told(ExpertEnded)
    assert [it["expert_id"] for it in ended] == [other["id"], expert["id"]]
    assert patient["id"] not in str([*ended, *await care.told(ExpertIdentified)])


async def test_experts_are_listed_for_who_may_see_the_patient(care: Care) -> None:
    enrolment = await care.enrolment()
    path = f"/v1/patients/{enrolment['patient_id']}"
    await care.made(f"{path}/consents", {**CONSENT, "purpose": "expert-patient"})
    expert = await care.made(f"{path}/expert-roles", {"role": "expert", "topic": "oncology"})
    assert [it["id"] for it in (await care.get("/v1/expert-roles", topic="oncology"))["items"]] == [expert["id"]]
    assert (await care.get("/v1/expert-roles", topic="diabetes"))["items"] == []
    async with care.connect("pathways:read", "patients:team", role="care", sub="nurse-2") as outsider:
        assert (await outsider.get("/v1/expert-roles")).json()["items"] == []
        headers = {"Idempotency-Key": "x"}
        refused = await outsider.post(f"{path}/expert-roles", json={"role": "referent"}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "access_refused")
        refused = await outsider.post(f"/v1/expert-roles/{expert['id']}/end", json={"reason": "other"}, headers=headers)
        assert refused.status_code == 403


async def test_another_territory_sees_and_changes_none_of_it(care: Care) -> None:
    async with coordinating(care) as desk, coordinating(care, territory=OTHER) as theirs:
        campaign = await desk.made("/v1/prevention-campaigns", CAMPAIGN)
        sheet = await desk.made("/v1/synthesis-sheets", SHEET)
        await desk.made(f"/v1/synthesis-sheets/{sheet['id']}/publish", status=200)
        for path in ("/v1/prevention-campaigns", "/v1/synthesis-sheets"):
            assert (await theirs.get(path))["items"] == []
        for path in (f"/v1/prevention-campaigns/{campaign['id']}", f"/v1/synthesis-sheets/{sheet['id']}"):
            assert (await theirs.http.get(path)).status_code == 404
        counts = f"/v1/prevention-campaigns/{campaign['id']}/counts"
        assert (await theirs.post(counts, count("invited", 1))).status_code == 404
        assert (await theirs.post(f"/v1/synthesis-sheets/{sheet['id']}/publish")).status_code == 404


async def test_who_is_an_expert_under_two_entries_is_one_once_they_are_merged(care: Care) -> None:
    role = {"role": "expert", "topic": "diabetes"}
    ids = []
    for number in (3, 4):
        ids.append((await care.made("/v1/patients", anybody(number)))["id"])
        await care.made(f"/v1/patients/{ids[-1]}/consents", {**CONSENT, "purpose": "expert-patient"})
        await care.made(f"/v1/patients/{ids[-1]}/expert-roles", role)
    assert (await care.post(f"/v1/patients/{ids[0]}/merge", {"other_id": ids[1]})).status_code == 204
    assert len(await care.told(ExpertEnded)) == 1
    assert (await care.post(f"/v1/patients/{ids[0]}/expert-roles", role)).json()["code"] == "expert_already"
