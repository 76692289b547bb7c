"""Routes of projects to settle (*installations*), and of contacts for a spouse's job."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field, TypeAdapter

from directory.api.fields import Body, Code, Commune, Text
from directory.api.params import RPPS_PATTERN, CodeQuery, InstallationReader, InstallationWriter, ReferenceDep
from directory.domain.as_of import paris_day
from directory.usecases.follow_installations import (
    Opening,
    Project,
    advance_installation,
    begin_installation,
    find_installation,
    read_candidate,
)
from directory.usecases.list_attractiveness import list_contacts, list_installations
from directory.usecases.spouse_contacts import add_contact, end_contact
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["attractiveness"])

_ID = TypeAdapter(tuple[UUID])
_NAME = TypeAdapter(tuple[str, UUID])


class CandidateBody(Body):
    """Who may settle. Kept sealed, and forgotten when the project opens or is abandoned."""

    name: Text = Field(examples=["Dr Exemple"])
    phone: str | None = Field(default=None, pattern=r"^\+?[0-9 ]{6,20}$", examples=["+33199001234"])
    email: str | None = Field(default=None, max_length=200, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")


class InstallationIn(Body):
    profession: Code = Field(description="Code of TRE_G15", examples=["10"])
    specialty: Code | None = Field(default=None, examples=["general-practice"])
    communes: list[Commune] = Field(default=[], max_length=50, description="Where they would settle; anywhere if empty")
    spouse_job: Text | None = Field(default=None, description="Field in which the spouse (conjoint) seeks work")
    candidate: CandidateBody | None = None


class OpeningIn(Body):
    commune: Commune
    opened_on: date
    rpps: str | None = Field(default=None, pattern=RPPS_PATTERN, description="Once known")


class StageIn(Body):
    stage: Code = Field(description="Code of deploy/reference/attractiveness.yaml", examples=["visit"])
    opening: OpeningIn | None = Field(default=None, description="With the stage `opened`, and with no other")


class InstallationOut(BaseModel):
    """A project to settle, without who it is. I-56 counts those that opened."""

    id: UUID
    profession: str
    specialty: str | None
    communes: list[str]
    stage: str
    spouse_job: str | None
    commune: str | None
    opened_on: date | None
    rpps: str | None
    version: int


class SpouseContactIn(Body):
    name: Text = Field(description="Of the organisation", examples=["Redon Agglomération, service emploi"])
    fields: list[Text] = Field(min_length=1, max_length=20, examples=[["industrie", "enseignement"]])
    how: Text = Field(description="How to reach it: a public address", examples=["https://emploi.example.org"])


class SpouseContactOut(BaseModel):
    id: UUID
    name: str
    fields: list[str]
    how: str
    ended_on: date | None


@router.post("/installations", status_code=201, operation_id="beginInstallation", summary="Note a first contact")
async def post_installation(
    *, caller: InstallationWriter, work: WorkDep, runtime: RuntimeDep, reference: ReferenceDep, body: InstallationIn
) -> InstallationOut:
    """422 `code_unknown`, `commune_unknown`."""
    project = Project(body.profession, body.specialty, tuple(dict.fromkeys(body.communes)), body.spouse_job)
    candidate = body.candidate.model_dump() if body.candidate else None
    return _out(
        await begin_installation(work, reference, runtime.keyring, caller, project=project, candidate=candidate)
    )


@router.get("/installations", operation_id="listInstallations", summary="Projects to settle, the newest first")
async def get_installations(
    *,
    caller: InstallationReader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    stage: CodeQuery = None,
    profession: CodeQuery = None,
) -> Page[InstallationOut]:
    """As they stood `at` a day when given."""
    key, wanted = page.key(_ID), {"stage": stage, "profession": profession}
    rows = await list_installations(
        work, wanted=wanted, until=until, after=key[0] if key else None, limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_out(row) for row in kept], next=following)


@router.get(
    "/installations/{installation_id}",
    operation_id="getInstallation",
    summary="One project",
    responses=problem_responses(404),
)
async def get_installation(*, caller: InstallationReader, work: WorkDep, installation_id: UUID) -> InstallationOut:
    """404 `installation_unknown`."""
    return _out(await find_installation(work, installation_id))


@router.get(
    "/installations/{installation_id}/candidate",
    operation_id="readCandidate",
    summary="Who may settle",
    responses=problem_responses(404),
)
async def get_candidate(
    *, caller: InstallationWriter, work: WorkDep, runtime: RuntimeDep, installation_id: UUID
) -> CandidateBody:
    """404 `candidate_not_found`: nobody was named, or the project has ended. Who reads it is written down."""
    return CandidateBody.model_validate(await read_candidate(work, runtime.keyring, caller, installation_id))


@router.post(
    "/installations/{installation_id}/stage",
    operation_id="advanceInstallation",
    summary="Take a project to its next stage",
    responses=problem_responses(404, 409),
)
async def post_stage(
    *, caller: InstallationWriter, work: WorkDep, reference: ReferenceDep, installation_id: UUID, body: StageIn
) -> InstallationOut:
    """409 `stage_not_next` names those that may follow. `opened` needs its commune and day."""
    opening = Opening(**body.opening.model_dump()) if body.opening else None
    return _out(await advance_installation(work, reference, caller, installation_id, stage=body.stage, opening=opening))


@router.post("/spouse-contacts", status_code=201, operation_id="addSpouseContact", summary="Add a contact")
async def post_contact(*, caller: InstallationWriter, work: WorkDep, body: SpouseContactIn) -> SpouseContactOut:
    """An organisation that helps a spouse (conjoint) to find work."""
    return _contact(await add_contact(work, caller, name=body.name, fields=body.fields, how=body.how))


@router.get("/spouse-contacts", operation_id="listSpouseContacts", summary="Who helps a spouse to find work")
async def get_contacts(
    *,
    caller: InstallationReader,
    work: WorkDep,
    page: PageDep,
    field: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")] = None,
) -> Page[SpouseContactOut]:
    """By name; of a field of work when given."""
    rows = await list_contacts(work, field=field, after=page.key(_NAME), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["name"], str(row["id"])])
    return Page(items=[_contact(row) for row in kept], next=following)


@router.post(
    "/spouse-contacts/{contact_id}/end",
    operation_id="endSpouseContact",
    summary="Take a contact off the list",
    responses=problem_responses(404),
)
async def post_end(*, caller: InstallationWriter, work: WorkDep, contact_id: UUID) -> SpouseContactOut:
    """A repeat changes nothing. 404 `contact_unknown`."""
    return _contact(await end_contact(work, caller, contact_id, paris_day(work.now)))


def _out(row: Record) -> InstallationOut:
    return filled(InstallationOut, row)


def _contact(row: Record) -> SpouseContactOut:
    return filled(SpouseContactOut, row)
