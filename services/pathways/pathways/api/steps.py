"""Routes on steps."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import AwareDatetime

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import BY_DUE, AccessDep, Reader, StepPath, Writer
from pathways.api.schemas_enrolments import (
    DoneIn,
    ReopenIn,
    ReplannedOut,
    ReplanStepIn,
    SkipIn,
    TemplateCode,
    WorklistStepOut,
)
from pathways.api.schemas_visits import CalledVisitOut
from pathways.api.shifted import replanned
from pathways.domain.replanning import StepState
from pathways.usecases.close_step import Proof, complete_step, reopen_step, skip_step
from pathways.usecases.list_steps import list_steps
from pathways.usecases.replan_steps import replan_step
from pathways.usecases.show_visit import show_visit

router = service_router(tags=["steps"])


@router.get(
    "/steps/visits/{visit_id}",
    operation_id="getStepVisit",
    summary="Whom a call of the dispatch is for",
    responses=problem_responses(404, 410),
)
async def visit(
    *, caller: Reader, access: AccessDep, work: WorkDep, visit_id: Annotated[UUID, Path(description="Id of the call")]
) -> CalledVisitOut:
    """For a desk that serves a call of origin `pathway`: `visit_id` is the id of the call.

    403 `access_refused` for whom the rules do not let see the pathway, 404 `visit_unknown`, 410 for an entry that is
    gone.
    """
    return filled(CalledVisitOut, await show_visit(work, access, visit_id))


@router.get("/steps", operation_id="listSteps", summary="The worklist: steps of all enrolments")
async def several(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    page: PageDep,
    state: Annotated[StepState | None, Query(examples=["overdue"])] = None,
    still_open: Annotated[bool, Query(alias="open", description="Only what is still to be done")] = False,
    role: Annotated[TemplateCode | None, Query(description="Who answers", examples=["coordinating-nurse"])] = None,
    template: Annotated[TemplateCode | None, Query(examples=["lung-cancer"])] = None,
    due_before: Annotated[AwareDatetime | None, Query(description="Late at this instant, or earlier")] = None,
) -> Page[WorklistStepOut]:
    """Those of one's patients (of all, for a coordinator); what is due first comes first."""
    rows = await list_steps(
        work,
        access,
        state=state,
        still_open=still_open,
        role=role,
        template=template,
        due_before=due_before,
        after=page.key(BY_DUE),
        limit=page.limit,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["due_at"], row["id"]])
    return Page(items=[filled(WorklistStepOut, row) for row in kept], next=following)


@router.post(
    "/steps/{step_id}/done",
    operation_id="completeStep",
    summary="A step was done",
    responses=problem_responses(404, 409, 410),
)
async def done(*, caller: Writer, access: AccessDep, work: WorkDep, step_id: StepPath, body: DoneIn) -> WorklistStepOut:
    """Steps that hang on it move with the day on which it was done. 422 when the proof is none that it takes."""
    proof = Proof(body.proof.kind, body.proof.reference) if body.proof else None
    return WorklistStepOut.model_validate(dict(await complete_step(work, access, step_id, body.done_at, proof)))


@router.post(
    "/steps/{step_id}/skip",
    operation_id="skipStep",
    summary="A step will not be done",
    responses=problem_responses(404, 409, 410),
)
async def skip(*, caller: Writer, access: AccessDep, work: WorkDep, step_id: StepPath, body: SkipIn) -> WorklistStepOut:
    """Steps that hang on it keep their dates."""
    return WorklistStepOut.model_validate(dict(await skip_step(work, access, step_id, body.reason)))


@router.post(
    "/steps/{step_id}/reopen",
    operation_id="reopenStep",
    summary="A step that was done or skipped is to be done after all",
    responses=problem_responses(404, 409, 410),
)
async def reopen(
    *, caller: Writer, access: AccessDep, work: WorkDep, step_id: StepPath, body: ReopenIn
) -> WorklistStepOut:
    """An enrolment that this step had completed goes on."""
    return WorklistStepOut.model_validate(dict(await reopen_step(work, access, step_id)))


@router.post(
    "/steps/{step_id}/replan",
    operation_id="replanStep",
    summary="A step is put on another day",
    responses=problem_responses(404, 409, 410),
)
async def replan(
    *, caller: Writer, access: AccessDep, work: WorkDep, step_id: StepPath, body: ReplanStepIn
) -> ReplannedOut:
    """What counts from it follows. Answers every step that shifts."""
    found = await replan_step(work, access, step_id, body.from_on, body.due_on, preview=body.preview)
    return replanned(found, preview=body.preview)
