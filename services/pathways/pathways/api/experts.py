"""Routes on patients who agreed to be *référents* or *experts*."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record
from pathways.api.activity_params import WordsDep
from pathways.api.fields import CodeQuery
from pathways.api.params import BY_ID, AccessDep, PatientPath, Reader, TeamKeeper
from pathways.api.schemas_prevention import EndIn, ExpertIn, ExpertOut
from pathways.usecases.keep_experts import end_expert, identify_expert, list_experts

router = service_router(tags=["expert patients"])
ExpertPath = Annotated[UUID, Path(description="Id of the role")]


@router.post(
    "/patients/{patient_id}/expert-roles",
    operation_id="identifyExpert",
    summary="A patient agreed to be référent or expert",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_role(
    *,
    caller: TeamKeeper,
    access: AccessDep,
    work: WorkDep,
    words: WordsDep,
    patient_id: PatientPath,
    body: ExpertIn,
) -> ExpertOut:
    """Needs a consent in force with the purpose `expert-patient` (409 `consent_missing`); it ends with that consent.

    409 `expert_already`.
    """
    return _expert(await identify_expert(work, access, words, patient_id, role=body.role, topic=body.topic))


@router.post(
    "/expert-roles/{expert_id}/end",
    operation_id="endExpert",
    summary="End the role of a patient",
    responses=problem_responses(404, 409, 410),
)
async def post_end(
    *, caller: TeamKeeper, access: AccessDep, work: WorkDep, expert_id: ExpertPath, body: EndIn
) -> ExpertOut:
    """409 `expert_ended`."""
    return _expert(await end_expert(work, access, expert_id, body.reason))


@router.get("/expert-roles", operation_id="listExperts", summary="Patients who are référents or experts")
async def get_roles(
    *, caller: Reader, access: AccessDep, work: WorkDep, page: PageDep, topic: CodeQuery = None
) -> Page[ExpertOut]:
    """Those that stand, of patients whom the caller may see; the newest first. No identity."""
    found = await list_experts(work, access, topic=topic, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_expert(row) for row in kept], next=following)


def _expert(row: Record) -> ExpertOut:
    return filled(ExpertOut, row)
