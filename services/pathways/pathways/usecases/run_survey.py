"""Surveys are opened, their links issued, and closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.activities import SurveyLinksIssued
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.personal_token import token_of
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.questionnaires import Questionnaire, Respondent, Subject
from pathways.store import surveys
from pathways.usecases.activity_words import Words, check_word
from pathways.usecases.plan_session import find_session

TABLE, LINK_USE = "survey", "survey"


@dataclass(frozen=True)
class SurveyAsked:
    """What is asked of whom, about what, until when. `session_id` of a session, `topic` of a pathway."""

    questionnaire: str
    respondent: Respondent
    subject: Subject
    topic: str | None
    session_id: UUID | None
    opens_on: date
    closes_on: date


async def open_survey(
    work: Work, caller: Caller, words: Words, known: Mapping[str, Questionnaire], asked: SurveyAsked
) -> Record:
    """Keeps the questionnaire as it is now. Raises Problem 404 `session_unknown`, 422 that names the field."""
    questionnaire = _checked(work, words, known, asked)
    about = {"topic": asked.topic, "session_kind": None}
    if asked.session_id is not None:
        session = await find_session(work, asked.session_id)
        about = {"topic": session["topic"], "session_kind": session["kind"]}
    values = vars(asked) | about | {"definition": questionnaire.model_dump_json()}
    return await rows.add(work, TABLE, caller.subject, **values)


async def issue_links(work: Work, caller: Caller, keyring: Keyring, survey_id: UUID, count: int) -> list[str]:
    """Secret parts of that many links, each of one answer; none is kept. Raises Problem 404, 409 `survey_closed`."""
    survey = await find_survey(work, survey_id, lock=True)
    check_open(work, survey)
    ids = await surveys.add_links(work, survey_id, count, caller.subject)
    survey = await rows.change(work, TABLE, survey_id, caller.subject)
    told = SurveyLinksIssued(
        survey_id=survey_id,
        questionnaire=survey["questionnaire"],
        respondent=survey["respondent"],
        subject=survey["subject"],
        topic=survey["topic"],
        session_kind=survey["session_kind"],
        issued=(await surveys.counts(work, survey_id))["issued"],
    )
    work.emit(told, version=survey["version"])
    return [token_of(keyring, LINK_USE, work.territory, link_id) for link_id in ids]


async def close_survey(work: Work, caller: Caller, survey_id: UUID) -> Record:
    """No answer is taken any more; a repeat changes nothing. Raises Problem 404."""
    row = await find_survey(work, survey_id, lock=True)
    if row["closed_at"] is not None:
        return row
    return await rows.change(work, TABLE, survey_id, caller.subject, closed_at=work.now)


async def find_survey(work: Work, survey_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    row = await rows.find(work, TABLE, survey_id, lock=lock)
    if row is None:
        raise Problem(404, "survey_unknown", "This territory has no such survey")
    return row


def check_open(work: Work, survey: Record) -> None:
    """Raises Problem 409 `survey_closed`."""
    if survey["closed_at"] is not None or local_day(work.now) > survey["closes_on"]:
        raise Problem(409, "survey_closed", "The survey is over")


def questionnaire_of(survey: Record) -> Questionnaire:
    """The questionnaire as it was when the survey was opened."""
    return Questionnaire.model_validate(survey["definition"])


def _checked(work: Work, words: Words, known: Mapping[str, Questionnaire], asked: SurveyAsked) -> Questionnaire:
    check_word("questionnaire", asked.questionnaire, known)
    questionnaire = known[asked.questionnaire]
    check_word("subject", asked.subject, questionnaire.about)
    check_word("respondent", asked.respondent, questionnaire.respondents)
    check_word("topic", asked.topic, words.activities.topics)
    if (asked.session_id is None) is (asked.subject == "session"):
        raise field_problem("session_id", "session_of_survey", "Of a survey about a session, and only there")
    if asked.subject == "pathway" and asked.topic is None:
        raise field_problem("topic", "topic_missing", "A survey about a pathway says its topic")
    if not asked.opens_on <= asked.closes_on or asked.closes_on < local_day(work.now):
        raise field_problem("closes_on", "period_refused", "Not before it opens, and to come")
    return questionnaire
