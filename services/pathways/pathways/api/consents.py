"""Routes on consents and objections."""

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.problems import problem_responses
from pathways.api.params import AccessDep, ConsentPath, ObjectionPath, PatientPath, Reader, TeamKeeper
from pathways.api.schemas_care import (
    ConsentsOut,
    ObjectionIn,
    ObjectionOut,
    PatientConsentIn,
    PatientConsentOut,
    WithdrawIn,
)
from pathways.usecases.keep_consents import (
    GivenConsent,
    Objected,
    lift_objection,
    list_consents,
    record_consent,
    record_objection,
    withdraw_consent,
)

router = service_router(tags=["consents"])


@router.get(
    "/patients/{patient_id}/consents",
    operation_id="listConsents",
    summary="What a patient agreed and objected to",
    responses=problem_responses(404, 410),
)
async def several(*, caller: Reader, access: AccessDep, work: WorkDep, patient_id: PatientPath) -> ConsentsOut:
    """All of it, in force or not."""
    consents, objections = await list_consents(work, access, patient_id)
    return ConsentsOut(
        consents=[filled(PatientConsentOut, row) for row in consents],
        objections=[filled(ObjectionOut, row) for row in objections],
    )


@router.post(
    "/patients/{patient_id}/consents",
    operation_id="recordConsent",
    summary="The patient agrees",
    status_code=201,
    responses=problem_responses(404, 410),
)
async def record(
    *, caller: TeamKeeper, access: AccessDep, work: WorkDep, patient_id: PatientPath, body: PatientConsentIn
) -> PatientConsentOut:
    """Sharing begins with the very next request."""
    given = GivenConsent(body.given_on, body.given_by, body.channel, body.text_version)
    row = await record_consent(work, access, patient_id, body.purpose, given, enrolment_id=body.enrolment_id)
    return filled(PatientConsentOut, row)


@router.post(
    "/patient-consents/{consent_id}/withdraw",
    operation_id="withdrawConsent",
    summary="The patient takes a consent back",
    responses=problem_responses(404, 409, 410),
)
async def withdraw(
    *, caller: TeamKeeper, access: AccessDep, work: WorkDep, consent_id: ConsentPath, body: WithdrawIn
) -> PatientConsentOut:
    """The very next request that needs it is refused; the pathway that it was given for ends."""
    row = await withdraw_consent(work, access, consent_id, body.withdrawn_by, body.channel)
    return filled(PatientConsentOut, row)


@router.post(
    "/patients/{patient_id}/objections",
    operation_id="recordObjection",
    summary="The patient objects to sharing with somebody",
    status_code=201,
    responses=problem_responses(404, 410),
)
async def object_(
    *, caller: TeamKeeper, access: AccessDep, work: WorkDep, patient_id: PatientPath, body: ObjectionIn
) -> ObjectionOut:
    """The very next request of theirs is refused, and no emergency overrides it."""
    said = Objected(body.against, body.made_by, body.made_on, body.channel)
    return ObjectionOut.model_validate(dict(await record_objection(work, access, patient_id, said)))


@router.post(
    "/patient-objections/{objection_id}/lift",
    operation_id="liftObjection",
    summary="The patient no longer objects",
    responses=problem_responses(404, 409, 410),
)
async def lift(*, caller: TeamKeeper, access: AccessDep, work: WorkDep, objection_id: ObjectionPath) -> ObjectionOut:
    """Once; a later objection is another row."""
    return ObjectionOut.model_validate(dict(await lift_objection(work, access, objection_id)))
