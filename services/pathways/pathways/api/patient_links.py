"""Routes on personal links of patients and carers, for who cares for them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from kit.answers import filled
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page
from kit.problems import problem_responses
from kit.work import Record
from pathways.api.fields import Body, Line
from pathways.api.params import AccessDep, EnrolmentPath, Reader, TeamKeeper, Writer, seal_of
from pathways.usecases.patient_link import (
    RIGHTS,
    Holder,
    LinkAsked,
    Right,
    issue_link,
    list_links,
    path_of,
    revoke_link,
    tell_code,
)

router = service_router(tags=["patient links"])
LinkPath = Annotated[UUID, Path(description="Id of the link")]


class PatientLinkIn(Body):
    """A personal link. `name`: what the patient calls a carer (*aidant*)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"holder": "patient", "days": 180}]})

    holder: Holder = "patient"
    rights: list[Right] = Field(default=list(RIGHTS), min_length=1, max_length=len(RIGHTS))
    days: int = Field(default=180, ge=1, le=366)
    name: Line | None = None

    @model_validator(mode="after")
    def _only_carers_are_named(self) -> "PatientLinkIn":
        if (self.holder == "carer") is (self.name is None):
            raise ValueError("name: of a carer, and only of a carer")
        return self


class PatientLinkOut(BaseModel):
    """A link without its address and code. `parent_id`: the patient's own link, when the patient named the carer."""

    id: UUID
    enrolment_id: UUID
    parent_id: UUID | None
    holder: Holder
    rights: list[Right]
    expires_at: datetime
    locked_at: datetime | None
    revoked_at: datetime | None
    changed_by: str
    version: int


class IssuedLinkOut(PatientLinkOut):
    """With the address to send; the code is told by another way."""

    path: str


class CodeOut(BaseModel):
    """Eight digits."""

    code: str


@router.post(
    "/enrolments/{enrolment_id}/patient-links",
    operation_id="issuePatientLink",
    summary="Give a patient or a carer a personal link",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_link(
    *,
    caller: Writer,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    enrolment_id: EnrolmentPath,
    body: PatientLinkIn,
) -> IssuedLinkOut:
    """The address alone opens nothing: see `/code`. 409 `enrolment_left`, `too_many_links`."""
    asked = LinkAsked(body.holder, tuple(dict.fromkeys(body.rights)), body.days, body.name)
    row = await issue_link(work, access, seal_of(runtime, caller), enrolment_id, asked)
    return filled(IssuedLinkOut, row, path=path_of(runtime.keyring, work.territory, row["id"]))


@router.get(
    "/enrolments/{enrolment_id}/patient-links",
    operation_id="listPatientLinks",
    summary="Personal links on a pathway",
    responses=problem_responses(404, 410),
)
async def get_links(
    *, caller: Reader, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath
) -> Page[PatientLinkOut]:
    """Those that stand and those that ended; no names. Always one page."""
    return Page(items=[_link(row) for row in await list_links(work, access, enrolment_id)], next=None)


@router.get(
    "/patient-links/{link_id}/code",
    operation_id="tellPatientLinkCode",
    summary="The code that goes with a link",
    responses=problem_responses(404, 410),
)
async def get_code(
    *, caller: Writer, access: AccessDep, work: WorkDep, runtime: RuntimeDep, link_id: LinkPath
) -> CodeOut:
    """To tell by another way than the address: face to face, by phone. Recorded. 410 `link_over`."""
    return CodeOut(code=await tell_code(work, access, runtime.keyring, link_id))


@router.post(
    "/patient-links/{link_id}/revoke",
    operation_id="revokePatientLink",
    summary="Revoke a link",
    responses=problem_responses(404, 410),
)
async def post_revoke(*, caller: TeamKeeper, access: AccessDep, work: WorkDep, link_id: LinkPath) -> PatientLinkOut:
    """It opens nothing from the next request on, nor do links that its holder gave; a repeat changes nothing."""
    return _link(await revoke_link(work, access, link_id))


def _link(row: Record) -> PatientLinkOut:
    return filled(PatientLinkOut, row)
