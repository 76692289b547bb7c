"""What a patient agrees to, takes back and objects to. Each of it counts from the very next request."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.store import consents, enrolments
from pathways.store.tables import Consent
from pathways.usecases.access import Access
from pathways.usecases.keep_experts import end_without_consent
from pathways.usecases.leave_pathway import end_enrolment
from pathways.usecases.settle_steps import RUNNING

Speaker = Literal["patient", "representative"]
Channel = Literal["oral", "written", "electronic"]


@dataclass(frozen=True)
class GivenConsent:
    """What the patient agreed to, when and how."""

    given_on: date
    given_by: str
    channel: str
    text_version: str


@dataclass(frozen=True)
class Objected:
    """To whom the patient objects: `everybody`, `role:<code>`, `rpps:<number>` or `sub:<account>`."""

    against: str
    made_by: Speaker
    made_on: date
    channel: Channel


async def record_consent(
    work: Work, access: Access, patient_id: UUID, purpose: str, given: GivenConsent, *, enrolment_id: UUID | None
) -> Record:
    """Raises Problem 403, 404 or 422."""
    await access.check(patient_id, "consent", "write", enrolment_id=enrolment_id)
    if purpose not in {it.code for it in access.rules.consent_purposes}:
        raise field_problem("purpose", "purpose_unknown", "See `consent_purposes` of patient-access.yaml")
    if given.given_on > local_day(work.now):
        raise field_problem("given_on", "consent_in_future", "A consent is recorded after it was given")
    if enrolment_id is not None:
        enrolment = await enrolments.find(work, enrolment_id)
        if enrolment is None or enrolment["patient_id"] != patient_id:
            raise field_problem("enrolment_id", "enrolment_unknown", "This patient has no such enrolment")
    return await keep_consent(work, access, patient_id, purpose, given, enrolment_id=enrolment_id)


async def keep_consent(
    work: Work, access: Access, patient_id: UUID, purpose: str, given: GivenConsent, *, enrolment_id: UUID | None
) -> Record:
    """Adds the row itself: an enrolment brings its consent along."""
    row = Consent(
        id=work.new_id(),
        territory=work.territory,
        patient_id=patient_id,
        enrolment_id=enrolment_id,
        purpose=purpose,
        given_on=given.given_on,
        given_by=given.given_by,
        channel=given.channel,
        text_version=given.text_version,
        recorded_by=access.caller.subject,
        recorded_at=work.now,
        version=1,
        changed_at=work.now,
        changed_by=access.caller.subject,
    )
    return await consents.add(work, row)


async def withdraw_consent(work: Work, access: Access, consent_id: UUID, by: Speaker, channel: Channel) -> Record:
    """The pathway that it was given for ends too. Raises Problem 403, 404 or 409 `consent_withdrawn`."""
    consent = await consents.lock(work, consent_id)
    if consent is None:
        raise Problem(404, "consent_unknown", "No such consent on this territory")
    await access.check(consent["patient_id"], "consent", "write", enrolment_id=consent["enrolment_id"])
    if consent["withdrawn_at"] is not None:
        raise Problem(409, "consent_withdrawn", "This consent was taken back before")
    if consent["enrolment_id"] is not None:
        enrolment = await enrolments.lock(work, consent["enrolment_id"])
        if enrolment is not None and enrolment["state"] in RUNNING:
            await end_enrolment(work, access, enrolment, "patient_withdrew")
    await end_without_consent(work, consent["patient_id"], access.caller.subject, withdrawn=consent_id)
    return await consents.withdraw(work, consent_id, by, channel, access.caller.subject)


async def list_consents(work: Work, access: Access, patient_id: UUID) -> tuple[list[Record], list[Record]]:
    """Consents and objections, in force or not. Raises Problem 403 or 404."""
    await access.check(patient_id, "consent")
    return await consents.of_patient(work, patient_id), await consents.objections(work, patient_id)


async def record_objection(work: Work, access: Access, patient_id: UUID, said: Objected) -> Record:
    """Raises Problem 403, 404 or 422."""
    await access.check(patient_id, "consent", "write")
    if said.made_on > local_day(work.now):
        raise field_problem("made_on", "objection_in_future", "A day up to today")
    kind, _, role = said.against.partition(":")
    if kind == "role" and role not in {it.code for it in access.rules.roles}:
        raise field_problem("against", "role_unknown", "See `roles` of patient-access.yaml")
    return await consents.add_objection(
        work,
        patient_id,
        said.against,
        made_by=said.made_by,
        made_on=said.made_on,
        channel=said.channel,
        recorded_by=access.caller.subject,
    )


async def lift_objection(work: Work, access: Access, objection_id: UUID) -> Record:
    """The patient no longer objects. Raises Problem 403, 404 or 409 `objection_lifted`."""
    objection = await consents.lock_objection(work, objection_id)
    if objection is None:
        raise Problem(404, "objection_unknown", "No such objection on this territory")
    await access.check(objection["patient_id"], "consent", "write")
    if objection["withdrawn_at"] is not None:
        raise Problem(409, "objection_lifted", "This objection was lifted before")
    return await consents.lift(work, objection_id, access.caller.subject)
