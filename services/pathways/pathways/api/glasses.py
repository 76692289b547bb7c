"""Routes on access in an emergency (*bris de glace*)."""

from typing import Annotated

from fastapi import Query

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import BY_ID, AccessDep, Auditor, EmergencyCaller, GlassPath, PatientPath
from pathways.api.schemas_care import BreakGlassIn, GlassOut, ReviewIn
from pathways.usecases.break_glass import break_glass, list_glasses, review_glass

router = service_router(tags=["emergency access"])


@router.post(
    "/patients/{patient_id}/break-glass",
    operation_id="breakGlass",
    summary="See a patient in an emergency",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def break_(
    *, caller: EmergencyCaller, access: AccessDep, work: WorkDep, patient_id: PatientPath, body: BreakGlassIn
) -> GlassOut:
    """For the hours that patient-access.yaml says; the coordinator is told. 409 `access_allowed` when not needed."""
    return GlassOut.model_validate(dict(await break_glass(work, access, patient_id, body.reason)))


@router.get("/break-glasses", operation_id="listBrokenGlasses", summary="Emergency accesses of the territory")
async def several(
    *,
    caller: Auditor,
    work: WorkDep,
    page: PageDep,
    reviewed: Annotated[bool | None, Query(description="Reviewed ones, or those that wait for it")] = None,
) -> Page[GlassOut]:
    """The newest first."""
    rows = await list_glasses(work, reviewed, page.first_key(BY_ID), page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[filled(GlassOut, row) for row in kept], next=following)


@router.post(
    "/break-glasses/{glass_id}/review",
    operation_id="reviewBrokenGlass",
    summary="What was found of an emergency access",
    responses=problem_responses(404, 409, 410),
)
async def review(*, caller: Auditor, access: AccessDep, work: WorkDep, glass_id: GlassPath, body: ReviewIn) -> GlassOut:
    """Once, and by somebody else than who broke it."""
    return GlassOut.model_validate(dict(await review_glass(work, access, glass_id, body.outcome)))
