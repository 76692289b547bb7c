"""Routes on steps."""

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import BY_DUE, AccessDep, Reader, StepPath, Writer
from pathways.api.schemas_enrolments import DoneIn, SkipIn, StepState, TemplateCode, WorklistStepOut
from pathways.usecases.close_step import complete_step, skip_step
from pathways.usecases.list_steps import list_steps

router = service_router(tags=["steps"])


@router.get("/steps", operation_id="listSteps", summary="The worklist: steps of all enrolments")
async def several(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    page: PageDep,
    state: Annotated[StepState | None, Query(examples=["overdue"])] = None,
    role: Annotated[TemplateCode | None, Query(description="Who answers", examples=["coordinating-nurse"])] = None,
    template: Annotated[TemplateCode | None, Query(examples=["lung-cancer"])] = None,
    due_before: Annotated[AwareDatetime | None, Query(description="Late at this instant, or earlier")] = None,
) -> Page[WorklistStepOut]:
    """Those of one's patients (of all, for a coordinator); what is due first comes first."""
    rows = await list_steps(
        work,
        access,
        state=state,
        role=role,
        template=template,
        due_before=due_before,
        after=page.key(BY_DUE),
        limit=page.limit,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["due_at"], row["id"]])
    return Page(items=[WorklistStepOut.model_validate(dict(row)) for row in kept], next=following)


@router.post(
    "/steps/{step_id}/done",
    operation_id="completeStep",
    summary="A step was done",
    responses=problem_responses(404, 409),
)
async def done(*, caller: Writer, access: AccessDep, work: WorkDep, step_id: StepPath, body: DoneIn) -> WorklistStepOut:
    """Steps that hang on it move with the day on which it was done."""
    return WorklistStepOut.model_validate(dict(await complete_step(work, access, step_id, body.done_at)))


@router.post(
    "/steps/{step_id}/skip",
    operation_id="skipStep",
    summary="A step will not be done",
    responses=problem_responses(404, 409),
)
async def skip(*, caller: Writer, access: AccessDep, work: WorkDep, step_id: StepPath, body: SkipIn) -> WorklistStepOut:
    """Steps that hang on it keep their dates."""
    return WorklistStepOut.model_validate(dict(await skip_step(work, access, step_id, body.reason)))
