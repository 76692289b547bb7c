"""The patient takes part: link and code, plan, report, survey, carer; refused from the next request on."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from activities import SURVEY, coordinating
from enrolling import CAMILLE, Care

from contracts.coordination import CarePlanAcknowledged, NoteWritten
from contracts.envelope import NATIONAL
from pathways.usecases.erase_patient import erase_asked

JSON = {"Accept": "application/json"}


class Linked:
    """An enrolled patient with a published plan, their link and its code."""

    def __init__(self, care: Care, enrolment: dict[str, Any], link: dict[str, Any], code: str) -> None:
        self.care, self.enrolment, self.link, self.code = care, enrolment, link, code
        self.path: str = link["path"]

    async def send(self, path: str | None = None, **form: Any) -> httpx.Response:
        """As the page sends its form, without a token."""
        async with self.care.connect() as http:
            del http.headers["Authorization"]
            return await http.post(path or self.path, data=form, headers=JSON)

    async def opened(self, **form: Any) -> dict[str, Any]:
        answer = await self.send(code=self.code, **form)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def linked(care: Care, **asked: Any) -> Linked:
    enrolment = await care.enrolment()
    await care.made(f"/v1/enrolments/{enrolment['id']}/care-plans", {"goals": ["Revoir la mer"]})
    link = await care.made(f"/v1/enrolments/{enrolment['id']}/patient-links", {"holder": "patient", **asked})
    code = (await care.get(f"/v1/patient-links/{link['id']}/code"))["code"]
    return Linked(care, enrolment, link, code)


async def test_the_patient_reads_the_plan_in_plain_words_and_says_so(care: Care) -> None:
    it = await linked(care)
    async with care.connect() as http:
        del http.headers["Authorization"]
        asked = await http.get(it.path)
        page = await http.post(it.path, data={"code": f"{it.code[:4]} {it.code[4:]}"})
    assert (asked.status_code, "Cancer" in asked.text) == (200, False)
    assert page.headers["referrer-policy"] == "no-referrer"
    for text in ("Revoir la mer", "Prise de sang, deux ou trois jours avant la cure.", "Entre deux cures"):
        assert text in page.text
    for secret in (CAMILLE["family_name"], CAMILLE["ins"], it.code):
        assert secret not in page.text
    view = await it.opened()
    assert (view["plan_read"], view["holder"]) == (False, "patient")
    read = await it.send(opened=view["opened"], action="acknowledge")
    assert read.json()["plan_read"] is True
    assert [told["by"] for told in await care.told(CarePlanAcknowledged)] == ["patient"]
    accesses = (await care.get(f"/v1/patients/{it.enrolment['patient_id']}/accesses"))["items"]
    mine = [line for line in accesses if line["situation"] == "patient"]
    assert {line["action"] for line in mine} == {"read_care_plan", "acknowledge_care_plan"}


async def test_a_report_lands_in_the_notebook_flagged(care: Care) -> None:
    it = await linked(care)
    told = await it.opened(action="report", kind="fever", text="38,6 depuis ce matin")
    assert "appelez maintenant" in told["told"]
    (note,) = (await care.get(f"/v1/enrolments/{it.enrolment['id']}/notes", event=True))["items"]
    assert (note["writer"], note["author"], note["text"]) == ("patient", "patient", "38,6 depuis ce matin")
    assert [it["writer"] for it in await care.told(NoteWritten)] == ["patient"]
    for form in ({"kind": "treatment-change", "text": "x"}, {"kind": "fever", "text": " "}, {"kind": "fever"}):
        assert (await it.send(code=it.code, action="report", **form)).status_code == 422


async def test_a_carer_has_a_link_of_their_own_and_no_more_rights(care: Care) -> None:
    it = await linked(care, rights=["plan", "report"])
    more = await it.send(code=it.code, action="name_carer", name="Ma fille", rights=["plan", "surveys"])
    assert more.status_code == 422
    told = (await it.opened(action="name_carer", name="Ma fille", rights=["report"]))["told"]
    path, code = next(word for word in told.split() if word.startswith("/v1/my-care/")), told[-8:]
    carer = (await it.send(path, code=code)).json()
    assert (carer["holder"], carer["plan"], list(carer["rights"])) == ("carer", [], ["report"])
    reported = await it.send(path, code=code, action="report", kind="fall", text="Chute dans la nuit")
    refused = await it.send(path, code=code, action="acknowledge")
    nested = await it.send(path, code=code, action="name_carer", name="x", rights=["report"])
    assert [reported.status_code, refused.status_code, nested.status_code] == [200, 403, 403]
    (note,) = (await care.get(f"/v1/enrolments/{it.enrolment['id']}/notes"))["items"]
    assert note["writer"] == "carer"
    (mine,) = (await it.opened())["carers"]
    assert mine["name"] == "Ma fille"
    await it.opened(action="revoke_carer", link_id=mine["id"])
    assert (await it.send(path, code=code)).status_code == 410


async def test_revoking_the_patients_link_ends_those_it_gave(care: Care) -> None:
    it = await linked(care)
    told = (await it.opened(action="name_carer", name="Mon fils", rights=["plan"]))["told"]
    path = next(word for word in told.split() if word.startswith("/v1/my-care/"))
    await care.made(f"/v1/patient-links/{it.link['id']}/revoke", {}, 200)
    assert [(await it.send()).status_code, (await it.send(path)).status_code] == [410, 410]
    code = await care.http.get(f"/v1/patient-links/{it.link['id']}/code")
    assert (code.status_code, code.json()["code"]) == (410, "link_over")
    listed = (await care.get(f"/v1/enrolments/{it.enrolment['id']}/patient-links"))["items"]
    assert [bool(row["revoked_at"]) for row in listed] == [True, True]


async def test_wrong_codes_lock_the_link_also_when_they_come_at_once(care: Care) -> None:
    it = await linked(care)
    wrong = f"{(int(it.code) + 1) % 100_000_000:08d}"
    answers = await asyncio.gather(*(it.send(code=wrong) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [403] * 5 + [410] * 3
    assert (await it.send(code=it.code)).status_code == 410


async def test_a_right_code_forgets_the_wrong_ones_and_a_pass_lasts_half_an_hour(care: Care) -> None:
    it = await linked(care)
    wrong = f"{(int(it.code) + 1) % 100_000_000:08d}"
    for _ in range(2):
        for _ in range(4):
            assert (await it.send(code=wrong)).status_code == 403
        opened = (await it.opened())["opened"]
    assert (await it.send(opened=opened)).json()["opened"] == opened
    forged = f"{int(opened[:10]) + 60}{opened[10:]}"
    for given in (forged, "x", opened[:-1], "9" * 60):
        assert "opened" not in (await it.send(opened=given)).text.split("name=")[0]
        assert (await it.send(opened=given)).headers["content-type"].startswith("text/html")
    care.clock.advance(timedelta(minutes=30))
    assert (await it.send(opened=opened)).headers["content-type"].startswith("text/html")


async def _erased(it: Linked) -> None:
    path = f"/v1/patients/{it.enrolment['patient_id']}/erasure"
    await it.care.made(path, {"reason": "patient_request"}, status=202)
    async with it.care.runtime.system.work(NATIONAL) as work:
        await erase_asked(work, it.care.runtime.keyring, it.care.runtime.extras["retention_rules"], 10)


async def _asked_to_be_erased(it: Linked) -> None:
    path = f"/v1/patients/{it.enrolment['patient_id']}/erasure"
    await it.care.made(path, {"reason": "patient_request"}, status=202)


async def _restricted(it: Linked) -> None:
    path = f"/v1/patients/{it.enrolment['patient_id']}/restriction"
    assert (await it.care.post(path, {"reason": "legal_claim"})).status_code == 204


async def _withdrawn(it: Linked) -> None:
    consents = (await it.care.get(f"/v1/patients/{it.enrolment['patient_id']}/consents"))["consents"]
    await it.care.made(f"/v1/patient-consents/{consents[0]['id']}/withdraw", {"channel": "oral"}, status=200)


async def _left(it: Linked) -> None:
    await it.care.made(f"/v1/enrolments/{it.enrolment['id']}/leave", {"reason": "patient_moved"}, 200)


async def _expired(it: Linked) -> None:
    it.care.clock.advance(timedelta(days=180))


@pytest.mark.parametrize(
    ("end", "status"),
    [(_erased, 404), (_asked_to_be_erased, 410), (_restricted, 410), (_withdrawn, 410), (_left, 410), (_expired, 410)],
)
async def test_it_is_refused_at_the_very_next_request(care: Care, end: Any, status: int) -> None:
    it = await linked(care)
    opened = (await it.opened())["opened"]
    await end(it)
    for form in ({"opened": opened}, {"code": it.code}, {"opened": opened, "action": "report", "kind": "fever"}):
        answer = await it.send(**form)
        assert (answer.status_code, "Cancer" in answer.text) == (status, False), answer.text


async def test_an_altered_link_is_none(care: Care) -> None:
    it = await linked(care)
    altered = it.path[:-3] + ("AAA" if it.path[-3:] != "AAA" else "BBB")
    elsewhere = it.path.replace("pays-de-redon", "haute-saintonge")
    nowhere = it.path.replace("pays-de-redon", "atlantis")
    assert [(await it.send(path, code=it.code)).status_code for path in (altered, elsewhere, nowhere)] == [404] * 3


async def test_a_survey_is_taken_once_for_each_link_and_leads_nowhere(care: Care) -> None:
    it = await linked(care)
    async with coordinating(care) as desk:
        about = {"questionnaire": "pathway-patient", "subject": "pathway", "topic": "oncology", "session_id": None}
        survey = await desk.made("/v1/surveys", {**SURVEY, **about, "respondent": "patient"})
    (offered,) = (await it.opened())["surveys"]
    assert offered["id"] == survey["id"]
    told = (await it.opened(action="survey", survey_id=survey["id"]))["told"]
    assert (await care.http.get(told.split()[-1])).status_code == 200
    assert (await it.opened())["surveys"] == []
    assert (await it.send(code=it.code, action="survey", survey_id=survey["id"])).status_code == 404
    async with care.runtime.system.work(NATIONAL) as work:
        (row,) = await work.fetch("SELECT issued_by FROM survey_link")
    assert row["issued_by"] == "patient-link"


async def test_neither_secret_nor_code_nor_name_is_kept(care: Care) -> None:
    it = await linked(care)
    await it.opened(action="name_carer", name="Ma voisine Odile", rights=["plan"])
    async with care.runtime.system.work(NATIONAL) as work:
        names = [
            row["tablename"] for row in await work.fetch("SELECT tablename FROM pg_tables WHERE schemaname='public'")
        ]
        kept = "".join([str(await work.fetch(f"SELECT * FROM {name}")) for name in names if name != "alembic_version"])
    assert it.code not in kept
    assert "Odile" not in kept


@pytest.mark.parametrize(
    "body",
    [
        {"holder": "carer"},
        {"holder": "patient", "name": "x"},
        {"rights": []},
        {"days": 367},
        {"rights": ["everything"]},
    ],
    ids=str,
)
async def test_a_bad_link_is_refused(care: Care, body: dict[str, Any]) -> None:
    enrolment = await care.enrolment()
    answer = await care.post(f"/v1/enrolments/{enrolment['id']}/patient-links", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
