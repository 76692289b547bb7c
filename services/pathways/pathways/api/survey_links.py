"""Routes behind an anonymous link of a survey: no token, the address is the proof, and it answers once."""

from functools import partial
from typing import Annotated
from uuid import uuid4

from fastapi import Path, Request, Response
from starlette.datastructures import FormData

from kit.http import RuntimeDep, WorkDep, no_effect, service_router
from kit.link_pages import HTML, LinkPages, SecretPath, page_answers, serve
from kit.problems import Problem
from kit.runtime import Runtime
from kit.work import Record, Work
from pathways.domain.questionnaires import LONGEST_TEXT, Answer, Question, Questionnaire
from pathways.usecases.answer_survey import answer_by_survey_link, open_survey_link
from pathways.usecases.run_survey import questionnaire_of

router = service_router(tags=["surveys"])

TerritoryPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
_MOST_FIELDS = 200
_PAGES = page_answers("The survey is over") | {
    409: {"description": "An answer came by this link before: a page that says so", "content": HTML},
}
_page = partial(LinkPages("pathways.api", title="Enquête", fault="", told="", ask=None).page, "survey.html.j2")
_REFUSED = {
    404: "Ce lien n'est pas valable. Ouvrez-le tel que vous l'avez reçu, en entier.",
    409: "Une réponse a déjà été donnée par ce lien. Merci !",
    410: "Cette enquête est terminée. Merci de votre intérêt.",
}


@router.get(
    "/survey-answers/{territory}~{secret}",
    operation_id="openSurveyAnswer",
    summary="The questionnaire behind an anonymous link, as a page (no token: the address is the proof)",
    response_class=Response,
    responses=_PAGES,
)
async def get_answer(*, work: WorkDep, runtime: RuntimeDep, territory: TerritoryPath, secret: SecretPath) -> Response:
    """A page in French with a form; no JavaScript. Opening it records nothing: mail scanners open links."""
    try:
        serve(work, runtime.territories, territory)
        return _form(await open_survey_link(work, runtime.keyring, secret))
    except Problem as problem:
        return _page(problem.status, fault=_REFUSED[problem.status])


@router.post(
    "/survey-answers/{territory}~{secret}",
    operation_id="postSurveyAnswer",
    summary="Answer a survey by its anonymous link",
    response_class=Response,
    responses=_PAGES,
    openapi_extra={
        "requestBody": {
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "additionalProperties": {"type": "string", "maxLength": LONGEST_TEXT}}
                }
            }
        }
    },
)
@no_effect  # A form of a page sends no Idempotency-Key; a link answers once.
async def post_answer(
    *, request: Request, work: WorkDep, runtime: RuntimeDep, territory: TerritoryPath, secret: SecretPath
) -> Response:
    """Each question is a field of the form, by its code. 409 when it was answered before, 422 with the form again."""
    try:
        serve(work, runtime.territories, territory)
        survey = await open_survey_link(work, runtime.keyring, secret)
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            given = _answers(questionnaire_of(survey), form)
        return await _record(work, runtime, secret, survey, given)
    except Problem as problem:
        return _page(problem.status, fault=_REFUSED[problem.status])


async def _record(work: Work, runtime: Runtime, secret: str, survey: Record, given: dict[str, Answer]) -> Response:
    try:
        await answer_by_survey_link(work, runtime.keyring, secret, given, answer_id=uuid4())
    except Problem as problem:
        if problem.status != 422:
            raise
        faults = {it["field"].removeprefix("answers."): it["message"] for it in problem.extra["errors"]}
        return _form(survey, faults, given)
    return _page(200, told="Merci, votre réponse est enregistrée. Elle est anonyme.")


def _answers(questionnaire: Questionnaire, form: FormData) -> dict[str, Answer]:
    """What was filled in; an empty field is no answer. What cannot be read stays text, and is refused as such."""
    found: dict[str, Answer] = {}
    for question in questionnaire.questions:
        written = [it for it in form.getlist(question.code) if isinstance(it, str) and it.strip()]
        if written:
            found[question.code] = _read(question, written)
    return found


def _read(question: Question, written: list[str]) -> Answer:
    if question.kind == "choices":
        return tuple(written)
    first = written[0].strip()
    if question.kind == "scale" and len(first) <= 2 and first.isascii() and first.isdigit():
        return int(first)
    if question.kind == "yes_no" and first in ("yes", "no"):
        return first == "yes"
    return first


def _form(survey: Record, faults: dict[str, str] | None = None, given: dict[str, Answer] | None = None) -> Response:
    questionnaire = questionnaire_of(survey)
    ask = {"questions": questionnaire.questions, "faults": faults or {}, "given": given or {}}
    fault = "Certaines réponses manquent ou ne conviennent pas." if faults else ""
    return _page(422 if faults else 200, title=questionnaire.label, ask=ask, fault=fault)
