"""Routes on patients."""

from typing import Annotated
from uuid import uuid4

from fastapi import Query, Response

from kit.answers import filled
from kit.http import RuntimeDep, WorkDep, no_effect, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import BY_ID, AccessDep, CommunesDep, IdentityReader, PatientPath, Reader, Registrar, seal_of
from pathways.api.schemas_patients import (
    AccessOut,
    IdentityOut,
    PatientIn,
    PatientOut,
    PatientSearchIn,
    PatientsOut,
    Purpose,
)
from pathways.domain.access import Kind
from pathways.domain.patient import Identity
from pathways.usecases.list_accesses import list_accesses
from pathways.usecases.register_patient import NewPatient, register_patient
from pathways.usecases.search_patients import ByIns, ByName, search_patients
from pathways.usecases.show_identity import show_identity
from pathways.usecases.show_patient import Patient, show_patient

router = service_router(tags=["patients"])


def _answer(patient: Patient) -> PatientOut:
    return PatientOut.model_validate(patient, from_attributes=True)


@router.post(
    "/patients",
    operation_id="registerPatient",
    summary="Register a patient",
    status_code=201,
    responses=problem_responses(409),
)
async def register(
    *,
    caller: Registrar,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    communes: CommunesDep,
    body: PatientIn,
    response: Response,
) -> PatientOut:
    """The answer has no identity in it; the caller is the first of the care team. 409 `patient_exists` names it."""
    identity = Identity(body.family_name, body.given_name, body.birth_date, body.phone, body.ins)
    new = NewPatient(identity, body.identity_status, body.commune, body.sex, body.team_role)
    patient = await register_patient(work, access, seal_of(runtime, caller), communes, new, ref=uuid4())
    response.headers["Location"] = f"/v1/patients/{patient.id}"
    return _answer(patient)


@router.post("/patients/search", operation_id="searchPatients", summary="Find a patient by name or INS")
@no_effect
async def search(
    *, caller: IdentityReader, access: AccessDep, work: WorkDep, runtime: RuntimeDep, body: PatientSearchIn
) -> PatientsOut:
    """Exact but for accents, case, hyphens and spaces. The search is recorded, with its purpose."""
    found = await search_patients(work, access, seal_of(runtime, caller), _wanted(body), body.purpose)
    return PatientsOut(items=[_answer(patient) for patient in found.mine], others=found.others)


def _wanted(body: PatientSearchIn) -> ByName | ByIns:
    if body.family_name and body.given_name and body.birth_date:
        return ByName(body.family_name, body.given_name, body.birth_date)
    return ByIns(body.ins or "")


@router.get(
    "/patients/{patient_id}",
    operation_id="getPatient",
    summary="A patient, without identity",
    responses=problem_responses(404, 410),
)
async def show(
    *, caller: Reader, access: AccessDep, work: WorkDep, runtime: RuntimeDep, patient_id: PatientPath
) -> PatientOut:
    """Age band, commune and the pseudonym for the dispatch."""
    return _answer(await show_patient(work, access, seal_of(runtime, caller), patient_id))


@router.get(
    "/patients/{patient_id}/identity",
    operation_id="getPatientIdentity",
    summary="Who a patient is",
    responses=problem_responses(404, 410),
)
async def identity(
    *,
    caller: IdentityReader,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    patient_id: PatientPath,
    purpose: Annotated[Purpose, Query(description="Why; it is recorded")],
    response: Response,
) -> IdentityOut:
    """Every reading is recorded: who, when, which patient and why."""
    known = await show_identity(work, access, seal_of(runtime, caller), patient_id, purpose)
    response.headers["Cache-Control"] = "no-store"
    it = known.identity
    return IdentityOut(
        patient_id=known.patient_id,
        family_name=it.family_name,
        given_name=it.given_name,
        birth_date=it.birth_date,
        phone=it.phone,
        ins=it.ins,
        identity_status=known.status,
    )


@router.get(
    "/patients/{patient_id}/accesses",
    operation_id="listAccesses",
    summary="Who saw what of this patient",
    responses=problem_responses(404, 410),
)
async def accesses(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    patient_id: PatientPath,
    page: PageDep,
    kind: Annotated[Kind | None, Query(description="Of this kind of content only")] = None,
) -> Page[AccessOut]:
    """The newest first. The record can be added to and read, not changed."""
    rows = await list_accesses(work, access, patient_id, kind=kind, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[filled(AccessOut, row) for row in kept], next=following)
