"""Routes on surveys, for who runs them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record
from pathways.api.activity_params import QuestionnairesDep, SurveyPath, SurveyReader, SurveyWriter, WordsDep
from pathways.api.fields import CodeQuery
from pathways.api.params import BY_ID
from pathways.api.schemas_surveys import LinksIn, LinksOut, ResultsOut, SurveyIn, SurveyOut
from pathways.domain.questionnaires import Questionnaire, Subject
from pathways.usecases.list_surveys import list_surveys
from pathways.usecases.run_survey import SurveyAsked, close_survey, find_survey, issue_links, open_survey
from pathways.usecases.show_survey_results import show_survey_results

router = service_router(tags=["surveys"])


@router.get("/questionnaires", operation_id="listQuestionnaires", summary="Questionnaires of the territory")
async def get_questionnaires(*, caller: SurveyReader, known: QuestionnairesDep) -> Page[Questionnaire]:
    """What each asks, of whom, about what. Always one page."""
    return Page(items=list(known.values()), next=None)


@router.post(
    "/surveys", operation_id="openSurvey", summary="Open a survey", status_code=201, responses=problem_responses(404)
)
async def post_survey(
    *,
    caller: SurveyWriter,
    work: WorkDep,
    words: WordsDep,
    known: QuestionnairesDep,
    body: SurveyIn,
    response: Response,
) -> SurveyOut:
    """The questionnaire is kept as it is now: a later version of it changes no survey. 404 `session_unknown`."""
    row = await open_survey(work, caller, words, known, SurveyAsked(**body.model_dump()))
    response.headers["Location"] = f"/v1/surveys/{row['id']}"
    return _survey(row)


@router.get("/surveys", operation_id="listSurveys", summary="Surveys of the territory")
async def get_surveys(
    *,
    caller: SurveyReader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    subject: Annotated[Subject | None, Query()] = None,
    topic: CodeQuery = None,
    session_id: Annotated[UUID | None, Query()] = None,
) -> Page[SurveyOut]:
    """The newest first."""
    found = await list_surveys(
        work,
        subject=subject,
        topic=topic,
        session_id=session_id,
        until=until,
        after=page.first_key(BY_ID),
        limit=page.limit,
    )
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_survey(row) for row in kept], next=following)


@router.get("/surveys/{survey_id}", operation_id="getSurvey", summary="A survey", responses=problem_responses(404))
async def get_survey(*, caller: SurveyReader, work: WorkDep, survey_id: SurveyPath) -> SurveyOut:
    """As it stands."""
    return _survey(await find_survey(work, survey_id))


@router.post(
    "/surveys/{survey_id}/links",
    operation_id="issueSurveyLinks",
    summary="Anonymous links, each of one answer",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def post_links(
    *, caller: SurveyWriter, work: WorkDep, runtime: RuntimeDep, survey_id: SurveyPath, body: LinksIn
) -> LinksOut:
    """To hand out, print or send; who has which is not known here. 409 `survey_closed`."""
    secrets = await issue_links(work, caller, runtime.keyring, survey_id, body.count)
    return LinksOut(paths=[f"/v1/survey-answers/{work.territory}~{secret}" for secret in secrets])


@router.post(
    "/surveys/{survey_id}/close",
    operation_id="closeSurvey",
    summary="Close a survey",
    responses=problem_responses(404),
)
async def post_close(*, caller: SurveyWriter, work: WorkDep, survey_id: SurveyPath) -> SurveyOut:
    """No answer is taken any more; a repeat changes nothing."""
    return _survey(await close_survey(work, caller, survey_id))


@router.get(
    "/surveys/{survey_id}/results",
    operation_id="getSurveyResults",
    summary="What came of a survey",
    responses=problem_responses(404),
)
async def get_results(*, caller: SurveyReader, work: WorkDep, runtime: RuntimeDep, survey_id: SurveyPath) -> ResultsOut:
    """Response rate, score, how often each answer was given. Below the questionnaire's `min_answers`: counts only."""
    return ResultsOut(**vars(await show_survey_results(work, runtime.keyring, survey_id)))


def _survey(row: Record) -> SurveyOut:
    return filled(SurveyOut, row)
