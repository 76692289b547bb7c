"""Surveys: opened, links issued, answered once each, results that lead to nobody."""

import asyncio
from typing import Any

from activities import EPU, SURVEY, Desk, coordinating
from enrolling import OTHER, Care

from contracts.activities import SurveyAnswered, SurveyLinksIssued

ANSWER = {"overall": "4", "information": "5", "contact": "yes", "comment": "Appeler Madame Exemple plus tôt"}


async def links(desk: Desk, count: int = 1, **changes: Any) -> tuple[str, list[str]]:
    """A survey and paths of its links."""
    survey = await desk.made("/v1/surveys", SURVEY | changes)
    return survey["id"], (await desk.made(f"/v1/surveys/{survey['id']}/links", {"count": count}))["paths"]


async def test_a_survey_is_answered_without_a_token_and_answering_twice_is_refused(care: Care) -> None:
    async with coordinating(care) as desk, care.connect() as anybody:
        del anybody.headers["Authorization"]
        survey_id, (path, other) = await links(desk, 2)
        page = await anybody.get(path)
        assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
        assert "Votre avis sur votre parcours" in page.text
        assert "survey.answered" not in str(await care.outbox())
        wrong = await anybody.post(path, data=ANSWER | {"overall": "9"})
        assert (wrong.status_code, "Un nombre de 1 à 5." in wrong.text) == (422, True)
        assert "Appeler Madame Exemple" in wrong.text
        assert (await anybody.post(path, data=ANSWER)).status_code == 200
        for again in (await anybody.post(path, data=ANSWER), await anybody.get(path)):
            assert (again.status_code, "déjà" in again.text) == (409, True)
        assert (await anybody.get(other)).status_code == 200
        results = await desk.get(f"/v1/surveys/{survey_id}/results")
        assert (results["issued"], results["answered"], results["rate"], results["score"]) == (2, 1, 50, None)
        assert results["texts"] is None
    (told,) = await care.told(SurveyAnswered)
    assert (told["score"], told["topic"], told["respondent"]) == (92, "oncology", "patient")
    assert "Exemple" not in str(await care.outbox())


async def test_of_many_answers_by_one_link_at_once_one_counts(care: Care) -> None:
    async with coordinating(care) as desk:
        _, (path,) = await links(desk)
        answers = await asyncio.gather(*(desk.http.post(path, data=ANSWER) for _ in range(6)))
    assert sorted(it.status_code for it in answers) == [200, *[409] * 5]
    assert len(await care.told(SurveyAnswered)) == 1


async def test_altered_links_and_surveys_that_are_over_are_pages_that_say_so(care: Care) -> None:
    async with coordinating(care) as desk:
        survey_id, (path, later) = await links(desk, 2)
        turned = path[:-1] + ("A" if path[-1] != "A" else "B")
        elsewhere = path.replace("pays-de-redon", OTHER)
        for wrong in (turned, elsewhere, path.replace("pays-de-redon", "atlantis")):
            for answer in (await desk.http.get(wrong), await desk.http.post(wrong, data=ANSWER)):
                assert (answer.status_code, answer.headers["content-type"][:9]) == (404, "text/html")
        await desk.made(f"/v1/surveys/{survey_id}/close", status=200)
        for answer in (await desk.http.get(later), await desk.http.post(later, data=ANSWER)):
            assert (answer.status_code, "terminée" in answer.text) == (410, True)
        refused = await desk.post(f"/v1/surveys/{survey_id}/links", {"count": 1})
        assert (refused.status_code, refused.json()["code"]) == (409, "survey_closed")
    assert await care.told(SurveyAnswered) == []


async def test_results_show_what_many_said_and_never_what_few_did(care: Care) -> None:
    async with coordinating(care) as desk:
        survey_id, paths = await links(desk, 8)
        for number, path in enumerate(paths[:5]):
            assert (await desk.http.post(path, data=ANSWER | {"overall": str(number % 5 + 1)})).status_code == 200
            results = await desk.get(f"/v1/surveys/{survey_id}/results")
            assert (results["score"] is None) is (number < 4)
        assert (results["rate"], results["score"]) == (62.5, 83.4)
        assert results["answers"]["overall"] == {str(value): 1 for value in range(1, 6)}
        assert results["texts"] == {"comment": [ANSWER["comment"]] * 5}
    async with care.runtime.system.work("fr") as work:
        kept = [*await work.fetch("SELECT * FROM survey_answer"), *await work.fetch("SELECT * FROM survey_link")]
        assert not any("Exemple" in str(dict(row)) for row in kept)
        told = {row["entity"] for row in await work.fetch("SELECT entity FROM change")}
    assert told == {"survey"}, "no history says when a link was used"


async def test_a_survey_about_a_session_takes_its_kind_and_topic(care: Care) -> None:
    async with coordinating(care) as desk:
        session = await desk.made("/v1/sessions", EPU)
        about = {"subject": "session", "topic": None, "session_id": session["id"], "respondent": "professional"}
        survey_id, (path,) = await links(desk, questionnaire="session-participant", **about)
        assert (await desk.http.post(path, data={"overall": "5"})).status_code == 200
        found = await desk.get("/v1/surveys", session_id=session["id"])
        assert [(it["id"], it["topic"], it["session_kind"]) for it in found["items"]] == [
            (survey_id, "oncology", "epu")
        ]
        assert (await desk.get("/v1/surveys", subject="pathway"))["items"] == []
    (told,) = await care.told(SurveyAnswered)
    assert (told["session_kind"], told["topic"], told["score"]) == ("epu", "oncology", 100)
    assert (await care.told(SurveyLinksIssued))[0]["issued"] == 1


async def test_what_a_questionnaire_is_not_for_is_refused(care: Care) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"questionnaire": "moon"}, "questionnaire"),
        ({"respondent": "trainee"}, "respondent"),
        ({"subject": "installation"}, "subject"),
        ({"topic": "moon"}, "topic"),
        ({"topic": None}, "topic"),
        ({"closes_on": "2026-11-22"}, "closes_on"),
        ({"opens_on": "2027-01-01"}, "closes_on"),
        ({"session_id": "0192f0c1-7c1e-7b6a-9d53-5f2f0a1b2c3d"}, "session_id"),
        ({"questionnaire": "session-participant", "subject": "session"}, "session_id"),
    ]
    async with coordinating(care) as desk:
        for change, field in wrong:
            answer = await desk.post("/v1/surveys", SURVEY | change)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), change
        unknown = {"questionnaire": "session-participant", "subject": "session", "topic": None}
        unknown |= {"session_id": "0192f0c1-7c1e-7b6a-9d53-5f2f0a1b2c3d"}
        assert (await desk.post("/v1/surveys", SURVEY | unknown)).status_code == 404


async def test_another_territory_sees_and_changes_no_survey(care: Care) -> None:
    async with coordinating(care) as desk, coordinating(care, territory=OTHER) as theirs:
        survey_id, _ = await links(desk)
        assert (await theirs.get("/v1/surveys"))["items"] == []
        for path in ("", "/results"):
            assert (await theirs.http.get(f"/v1/surveys/{survey_id}{path}")).status_code == 404
        assert (await theirs.post(f"/v1/surveys/{survey_id}/links", {"count": 1})).status_code == 404
        assert (await theirs.post(f"/v1/surveys/{survey_id}/close")).status_code == 404
