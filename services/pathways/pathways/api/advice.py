"""Routes on advice between professionals (avis, téléconsultation, téléexpertise)."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from kit.answers import filled
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.runtime import Runtime
from kit.work import Record, Work
from pathways.api.params import BY_ID, AccessDep, AdviceRulesDep, AdviceUser, PatientPath, Reader, seal_of
from pathways.api.schemas_advice import AdviceDetailOut, AdviceIn, AdviceOut, AnswerIn, DeclineIn, Mine
from pathways.domain.advice import AdviceState
from pathways.usecases.access import Access
from pathways.usecases.activity_words import check_word
from pathways.usecases.answer_advice import (
    advice_of_patient,
    answer_advice,
    decline_advice,
    find_advice,
    list_advice,
    texts_of,
    withdraw_advice,
)
from pathways.usecases.ask_advice import Question, ask_advice

router = service_router(tags=["advice"])
AdvicePath = Annotated[UUID, Path(description="Id of the question")]


@router.post(
    "/advice",
    operation_id="askAdvice",
    summary="Ask a professional, or a group one after the other",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_advice(
    *,
    caller: AdviceUser,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    rules: AdviceRulesDep,
    body: AdviceIn,
) -> AdviceOut:
    """Of an enrolled patient one needs to write clinical content (403 `access_refused`), the patient being informed.

    409 `nobody_on_call`, 404 `group_unknown`, 422 `patient_not_informed`, `code_unknown`.
    """
    check_word("specialty", body.specialty, sorted(runtime.extras["specialties"]))
    said = body.model_dump(exclude={"question"})
    question = Question(text=body.question, **said)
    return _out(await ask_advice(work, access, seal_of(runtime, caller), rules, question))


@router.get("/advice", operation_id="listAdvice", summary="Questions that one is asked, or asked")
async def get_list(
    *,
    caller: AdviceUser,
    access: AccessDep,
    work: WorkDep,
    page: PageDep,
    mine: Annotated[Mine, Query(description="Asked now, or asked by oneself")] = "to_me",
    state: AdviceState | None = None,
) -> Page[AdviceOut]:
    """The newest first, without texts."""
    found = await list_advice(work, access, mine, state, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_out(row) for row in kept], next=following)


@router.get(
    "/patients/{patient_id}/advice",
    operation_id="listAdviceOfPatient",
    summary="Questions about a patient",
    responses=problem_responses(404, 410),
)
async def get_of_patient(
    *, caller: Reader, access: AccessDep, work: WorkDep, patient_id: PatientPath, page: PageDep
) -> Page[AdviceOut]:
    """Clinical content: 403 `access_refused`. Recorded. The newest first, without texts."""
    found = await advice_of_patient(work, access, patient_id, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_out(row) for row in kept], next=following)


@router.get(
    "/advice/{advice_id}",
    operation_id="getAdvice",
    summary="A question and its answer",
    responses=problem_responses(404, 410),
)
async def get_one(
    *, caller: AdviceUser, access: AccessDep, work: WorkDep, runtime: RuntimeDep, advice_id: AdvicePath
) -> AdviceDetailOut:
    """For who asked, is or was asked, and the care team. Recorded. 403 `access_refused`, 410 `patient_erased`."""
    return await _detail(work, runtime, access, await find_advice(work, access, advice_id, "read_advice"))


@router.post(
    "/advice/{advice_id}/answer",
    operation_id="answerAdvice",
    summary="Answer a question",
    responses=problem_responses(404, 409, 410),
)
async def post_answer(
    *,
    caller: AdviceUser,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    advice_id: AdvicePath,
    body: AnswerIn,
) -> AdviceDetailOut:
    """By who is asked, or was before it went on; the first answer counts: 409 `advice_closed`. 403 `not_asked`."""
    row = await answer_advice(work, access, seal_of(runtime, caller), advice_id, body.answer)
    return await _detail(work, runtime, access, row)


@router.post(
    "/advice/{advice_id}/decline",
    operation_id="declineAdvice",
    summary="Decline a question: the next is asked",
    responses=problem_responses(404, 409, 410),
)
async def post_decline(
    *,
    caller: AdviceUser,
    access: AccessDep,
    work: WorkDep,
    rules: AdviceRulesDep,
    advice_id: AdvicePath,
    body: DeclineIn,
) -> AdviceOut:
    """It goes on to the next of the order; after the last it is declined. 403 `not_asked`, 409 `advice_closed`."""
    return _out(await decline_advice(work, access, rules, advice_id, body.reason))


@router.post(
    "/advice/{advice_id}/withdraw",
    operation_id="withdrawAdvice",
    summary="Take a question back",
    responses=problem_responses(404, 409, 410),
)
async def post_withdraw(*, caller: AdviceUser, access: AccessDep, work: WorkDep, advice_id: AdvicePath) -> AdviceOut:
    """403 `not_asked`, 409 `advice_closed`."""
    return _out(await withdraw_advice(work, access, advice_id))


def _out(row: Record) -> AdviceOut:
    return filled(AdviceOut, row, asked_now=row["turns"][row["turn"]])


async def _detail(work: Work, runtime: Runtime, access: Access, row: Record) -> AdviceDetailOut:
    question, answer = await texts_of(work, seal_of(runtime, access.caller), row)
    return AdviceDetailOut(**_out(row).model_dump(), question=question, answer=answer)
