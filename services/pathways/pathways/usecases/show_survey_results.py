"""What came of a survey: response rate, score, how often each answer was given; what few said is shown to nobody."""

from dataclasses import dataclass
from uuid import UUID

import orjson

from kit.crypto import Keyring
from kit.work import Record, Work
from pathways.store import surveys
from pathways.store.master_seals import ANSWER_TEXTS
from pathways.usecases.run_survey import find_survey, questionnaire_of

_MOST = 10_000


@dataclass(frozen=True)
class SurveyResults:
    """`rate` in percent, None without links. Below the smallest number of answers all but the counts is None."""

    issued: int
    answered: int
    rate: float | None
    min_answers: int
    score: float | None
    answers: dict[str, dict[str, int]] | None
    texts: dict[str, list[str]] | None


async def show_survey_results(work: Work, keyring: Keyring, survey_id: UUID) -> SurveyResults:
    """Counts the first ten thousand answers. Raises Problem 404."""
    survey = await find_survey(work, survey_id)
    questionnaire = questionnaire_of(survey)
    links = await surveys.counts(work, survey_id)
    rate = round(100 * links["answered"] / links["issued"], 2) if links["issued"] else None
    counts = (links["issued"], links["answered"], rate, questionnaire.min_answers)
    if links["answered"] < questionnaire.min_answers:
        return SurveyResults(*counts, score=None, answers=None, texts=None)
    given = await surveys.answers(work, survey_id, _MOST)
    scores = [row["score"] for row in given if row["score"] is not None]
    return SurveyResults(
        *counts,
        score=round(sum(scores) / len(scores), 2) if scores else None,
        answers=questionnaire.counted([row["answers"] for row in given]),
        texts=_texts(work, keyring, given),
    )


def _texts(work: Work, keyring: Keyring, given: list[Record]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in given:
        if row["texts"]:
            opened = orjson.loads(keyring.decrypt(row["texts"], ANSWER_TEXTS.bound_to(work.territory, row["id"])))
            for code, text in opened.items():
                found.setdefault(code, []).append(text)
    return found
