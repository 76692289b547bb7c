"""Routes on entries that may be the same person."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import BY_ID, AccessDep, PatientPath, Reader, Registrar
from pathways.domain.duplicates import DuplicateState, Likeness
from pathways.usecases.merge_patients import dismiss_duplicate, list_duplicates, merge_patients

router = service_router(tags=["duplicates"])

DuplicatePath = Annotated[UUID, Path(description="Id of the pair")]


class DuplicateOut(BaseModel):
    """Two entries and why they are alike: born on the same day, and names close or swapped, or the same phone."""

    id: UUID
    patient_id: UUID
    other_id: UUID
    likeness: Likeness
    state: DuplicateState
    found_at: AwareDatetime
    version: int


class MergeIn(BaseModel):
    """The entry that becomes part of the one in the path."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"other_id": "0192f0c1-7c1e-7b6a-9d53-5f2f0a1b2c3d"}]}
    )

    other_id: UUID


@router.get("/patient-duplicates", operation_id="listDuplicates", summary="Entries that may be the same person")
async def several(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    page: PageDep,
    state: Annotated[DuplicateState | None, Query(examples=["suspected"])] = None,
) -> Page[DuplicateOut]:
    """Those of one's patients (of all, for a coordinator), the newest first; ids, no identity."""
    rows = await list_duplicates(work, access, state, page.first_key(BY_ID), page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[filled(DuplicateOut, row) for row in kept], next=following)


@router.post(
    "/patient-duplicates/{duplicate_id}/dismiss",
    operation_id="dismissDuplicate",
    summary="They are two people",
    responses=problem_responses(404, 409, 410),
)
async def dismiss(*, caller: Registrar, access: AccessDep, work: WorkDep, duplicate_id: DuplicatePath) -> DuplicateOut:
    """The pair does not come back."""
    return DuplicateOut.model_validate(dict(await dismiss_duplicate(work, access, duplicate_id)))


@router.post(
    "/patients/{patient_id}/merge",
    operation_id="mergePatients",
    summary="Another entry becomes part of this one",
    status_code=204,
    responses=problem_responses(404, 409, 410),
)
async def merge(*, caller: Registrar, access: AccessDep, work: WorkDep, patient_id: PatientPath, body: MergeIn) -> None:
    """For good. The other id answers 410 `patient_merged` with this one; its name and visits lead here."""
    await merge_patients(work, access, patient_id, body.other_id)
