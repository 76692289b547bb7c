"""Somebody answers a survey by a link, once, without being known."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson

from contracts.activities import SurveyAnswered
from kit.crypto import Keyring
from kit.personal_token import id_of
from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.questionnaires import Answers, Questionnaire
from pathways.store import surveys
from pathways.store.master_seals import ANSWER_TEXTS
from pathways.usecases.run_survey import LINK_USE, check_open, questionnaire_of


async def open_survey_link(work: Work, keyring: Keyring, secret: str) -> Record:
    """The survey behind a link. Raises Problem 404 `link_unknown`, 409 `answered_already`, 410 `survey_over`."""
    link_id = id_of(keyring, LINK_USE, work.territory, secret)
    survey = await surveys.of_link(work, link_id) if link_id else None
    if survey is None:
        raise Problem(404, "link_unknown", "This link is not one of ours")
    if survey["answered"]:
        raise Problem(409, "answered_already", "An answer came by this link before")
    try:
        check_open(work, survey)
    except Problem:
        raise Problem(410, "survey_over", "The survey is over") from None
    if local_day(work.now) < survey["opens_on"]:
        raise Problem(404, "link_unknown", "This survey is not open yet")
    return survey


async def answer_by_survey_link(
    work: Work, keyring: Keyring, secret: str, answers: Answers, *, answer_id: UUID
) -> SurveyAnswered:
    """Keeps the answer and tells its score. `answer_id` is random: an id of the time would lead to the link.

    Raises Problem 404, 409 `answered_already`, 410, 422 with what does not fit.
    """
    survey = await open_survey_link(work, keyring, secret)
    questionnaire = questionnaire_of(survey)
    if faults := list(questionnaire.faults(answers)):
        told = [{"field": f"answers.{code}", "message": why, "code": "answer_refused"} for code, why in faults]
        raise Problem(422, "answer_refused", "Some answers do not fit", errors=told)
    link_id = id_of(keyring, LINK_USE, work.territory, secret)
    if link_id is None or not await surveys.use_link(work, link_id):
        raise Problem(409, "answered_already", "An answer came by this link before")
    row = _row(work, keyring, survey, answers, answer_id=answer_id)
    await surveys.add_answer(work, row)
    event = _told(survey, questionnaire, row)
    work.emit(event, version=1)
    return event


def _row(work: Work, keyring: Keyring, survey: Record, answers: Answers, *, answer_id: UUID) -> dict[str, Any]:
    """What somebody wrote is sealed: it may name people."""
    questionnaire = questionnaire_of(survey)
    texts = {it.code for it in questionnaire.questions if it.kind == "text"}
    written = {code: text for code, text in answers.items() if code in texts and text}
    day: date = local_day(work.now)
    return {
        "id": answer_id,
        "territory": work.territory,
        "survey_id": survey["id"],
        "answered_on": day,
        "answers": orjson.dumps({code: it for code, it in answers.items() if code not in texts}).decode(),
        "texts": keyring.encrypt(orjson.dumps(written).decode(), ANSWER_TEXTS.bound_to(work.territory, answer_id))
        if written
        else None,
        "score": questionnaire.score(answers),
    }


def _told(survey: Record, questionnaire: Questionnaire, row: dict[str, Any]) -> SurveyAnswered:
    return SurveyAnswered(
        answer_id=row["id"],
        survey_id=survey["id"],
        questionnaire=questionnaire.id,
        purpose=questionnaire.purpose,
        respondent=survey["respondent"],
        subject=survey["subject"],
        topic=survey["topic"],
        session_kind=survey["session_kind"],
        score=row["score"],
    )
