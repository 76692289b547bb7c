"""Routes on what a patient may ask for: a correction, a copy, a restriction, an erasure (GDPR 15 to 18)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import (
    BY_ID,
    AccessDep,
    Auditor,
    CommunesDep,
    IdentityReader,
    PatientPath,
    Registrar,
    RetentionDep,
    TeamKeeper,
    seal_of,
)
from pathways.api.schemas_patients import PatientOut
from pathways.api.schemas_rights import ErasureIn, ErasureOut, ExportOut, PatientChangeIn, ProofOut, RestrictionIn
from pathways.usecases.correct_patient import Correction, correct_patient
from pathways.usecases.erase_patient import ask_erasure, list_proofs, patient_digest, restrict_patient
from pathways.usecases.export_patient import export_patient

router = service_router(tags=["rights of patients"])

_ENTRY = ("identity_status", "commune", "sex")


@router.patch(
    "/patients/{patient_id}",
    operation_id="correctPatient",
    summary="Mend the entry of a patient",
    responses=problem_responses(404, 409, 410),
)
async def correct(
    *,
    caller: Registrar,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    communes: CommunesDep,
    patient_id: PatientPath,
    body: PatientChangeIn,
) -> PatientOut:
    """What is not named stays. 409 `patient_exists` when somebody else is registered so already."""
    told = body.model_dump(exclude_unset=True)
    entry = {name: told.pop(name) for name in _ENTRY if name in told}
    mended = Correction(identity=told, **entry)
    patient = await correct_patient(work, access, seal_of(runtime, caller), communes, patient_id, mended=mended)
    return PatientOut.model_validate(patient, from_attributes=True)


@router.get(
    "/patients/{patient_id}/export",
    operation_id="exportPatient",
    summary="All that is known of a patient, for the patient",
    responses=problem_responses(404, 410),
)
async def export(
    *,
    caller: IdentityReader,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    patient_id: PatientPath,
    response: Response,
) -> ExportOut:
    """Identity, every row by table, and who saw what. It is recorded as an export."""
    response.headers["Cache-Control"] = "no-store"
    found = await export_patient(work, access, seal_of(runtime, caller), patient_id)
    return ExportOut(identity=found.identity, tables=found.tables, accesses=found.accesses)


@router.post(
    "/patients/{patient_id}/erasure",
    operation_id="erasePatient",
    summary="Erase a patient",
    status_code=202,
    responses=problem_responses(404, 409, 410),
)
async def erase(
    *,
    caller: Registrar,
    access: AccessDep,
    work: WorkDep,
    rules: RetentionDep,
    patient_id: PatientPath,
    body: ErasureIn,
) -> ErasureOut:
    """From the next request on nobody sees the patient; rows and keys are gone within a minute, a proof stays."""
    asked = await ask_erasure(work, access, rules[caller.territory], patient_id, body.reason)
    return ErasureOut(outcome=asked.outcome, rules_version=asked.rules_version)


@router.post(
    "/patients/{patient_id}/restriction",
    operation_id="restrictPatient",
    summary="Put the entry of a patient aside",
    status_code=204,
    responses=problem_responses(404, 409, 410),
)
async def restrict(
    *, caller: TeamKeeper, access: AccessDep, work: WorkDep, patient_id: PatientPath, body: RestrictionIn
) -> None:
    """It is kept and not used: only the entry, the consents and the record of accesses can be seen."""
    await restrict_patient(work, access, patient_id, body.reason)


@router.post(
    "/patients/{patient_id}/restriction/lift",
    operation_id="liftRestriction",
    summary="Take the entry of a patient up again",
    status_code=204,
    responses=problem_responses(404, 409, 410),
)
async def lift(*, caller: TeamKeeper, access: AccessDep, work: WorkDep, patient_id: PatientPath) -> None:
    """409 `restriction_unchanged` when there is none."""
    await restrict_patient(work, access, patient_id, None)


@router.get("/erasure-proofs", operation_id="listErasureProofs", summary="Proofs of what was erased and purged")
async def proofs(
    *,
    caller: Auditor,
    work: WorkDep,
    runtime: RuntimeDep,
    page: PageDep,
    patient_id: Annotated[UUID | None, Query(description="Was the patient of this id erased?")] = None,
) -> Page[ProofOut]:
    """The newest first. They say what, when and how much; who it was nobody can read from them."""
    digest = patient_digest(runtime.keyring, patient_id) if patient_id else None
    rows = await list_proofs(work, digest, page.first_key(BY_ID), page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[ProofOut.of(dict(row)) for row in kept], next=following)
