"""Takes a patient into a pathway (*inclusion*)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from contracts.pathways import EnrolmentStarted
from kit.problems import Problem, field_problem
from kit.work import Work
from pathways.domain.dating import Plan, date_steps, local_day
from pathways.domain.layout import lay_out
from pathways.domain.template import Template
from pathways.store import enrolments, steps
from pathways.store.seal import Seal
from pathways.store.tables import Enrolment, StepRow
from pathways.usecases.access import Access
from pathways.usecases.keep_consents import GivenConsent, keep_consent
from pathways.usecases.show_enrolment import EnrolmentDetail, enrolment_detail
from pathways.usecases.show_patient import Patient, find_patient, patient_of

_FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Wish:
    """Who enters which pathway, from which day."""

    patient_id: UUID
    template: str
    started_on: date
    consent: GivenConsent


async def enrol_patient(
    work: Work, access: Access, seal: Seal, templates: Mapping[str, Template], wish: Wish
) -> EnrolmentDetail:
    """Dates every step and tells EnrolmentStarted. Raises Problem 403, 404, 409 `already_enrolled` or 422."""
    template = _checked(work, templates, wish)
    await access.check(wish.patient_id, "consent", "write")
    today = local_day(work.now)
    patient = patient_of(await find_patient(work, wish.patient_id), seal, today)
    enrolment = Enrolment(
        id=work.new_id(),
        territory=work.territory,
        patient_id=patient.id,
        template=template.id,
        template_version=template.version,
        label=template.label,
        state="active",
        started_on=wish.started_on,
        created_at=work.now,
    )
    if not await enrolments.add(work, enrolment):
        known = await enrolments.find_active(work, patient.id, template.id)
        raise Problem(409, "already_enrolled", "This patient is on this pathway already", enrolment_id=known)
    await keep_consent(work, access, patient.id, "pathway", wish.consent, enrolment_id=enrolment.id)
    await access.check(patient.id, "pathway", "write", enrolment_id=enrolment.id, action="enrol")
    await steps.add(work, _steps(work, enrolment, template))
    keys = await seal.keys(work, patient.id)
    pseudonym = keys.pseudonym("indicators") if keys else None
    work.emit(_started(enrolment, template, patient, pseudonym), version=1)
    return await enrolment_detail(work, enrolment.id)


def _checked(work: Work, templates: Mapping[str, Template], wish: Wish) -> Template:
    template, today = templates.get(wish.template), local_day(work.now)
    if template is None:
        raise field_problem("template", "template_unknown", "See /v1/pathway-templates for those of this territory")
    if abs(wish.started_on - today) > _FARTHEST:
        raise field_problem("started_on", "started_on_implausible", "Within a year of today")
    if wish.consent.given_on > today:
        raise field_problem("consent.given_on", "consent_in_future", "A consent is recorded after it was given")
    if wish.consent.text_version != template.consent.version:
        detail = f"The text in force is {template.consent.version!r}"
        raise field_problem("consent.text_version", "consent_text_unknown", detail)
    return template


def _steps(work: Work, enrolment: Enrolment, template: Template) -> list[StepRow]:
    laid_out = lay_out(template.steps)
    plan = Plan(enrolment.started_on, template.days(enrolment.started_on, {}))
    windows = date_steps([it.rule for it in laid_out], plan)
    return [
        StepRow(
            id=work.new_id(),
            territory=work.territory,
            enrolment_id=enrolment.id,
            position=position,
            key=it.rule.key,
            code=it.step.code,
            occurrence=it.number,
            label=it.step.label,
            role=it.step.role,
            anchor=it.rule.anchor,
            from_days=it.rule.from_days,
            to_days=it.rule.to_days,
            from_on=windows[it.rule.key].from_on,
            due_on=windows[it.rule.key].due_on,
            due_at=windows[it.rule.key].due_at,
            state="planned",
            version=1,
            changed_at=work.now,
        )
        for position, it in enumerate(laid_out)
    ]


def _started(enrolment: Enrolment, template: Template, patient: Patient, pseudonym: UUID | None) -> EnrolmentStarted:
    return EnrolmentStarted(
        enrolment_id=enrolment.id,
        template=template.id,
        template_version=template.version,
        age_band=patient.age_band,
        commune=None if template.sensitive else patient.commune,
        department=patient.department if template.sensitive else None,
        started_on=enrolment.started_on,
        patient=pseudonym,
    )
