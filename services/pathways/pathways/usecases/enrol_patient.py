"""Takes a patient into a pathway (*inclusion*)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from contracts.pathways import EnrolmentStarted
from kit.problems import Problem, field_problem
from kit.work import Work
from pathways.domain.dating import Plan, Window, date_steps, local_day
from pathways.domain.layout import Occurrence, lay_out
from pathways.domain.patient import age_on
from pathways.domain.template import Template, asked_for
from pathways.store import enrolments, steps, template_versions
from pathways.store.seal import Seal
from pathways.store.tables import Enrolment, StepRow
from pathways.usecases.access import Access
from pathways.usecases.close_step import complete_when_over
from pathways.usecases.keep_consents import GivenConsent, keep_consent
from pathways.usecases.replan_steps import Situation, check_situation
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
    situation: Situation = field(default_factory=Situation)
    criteria: Mapping[str, bool] = field(default_factory=dict)


async def enrol_patient(
    work: Work, access: Access, seal: Seal, templates: Mapping[str, Template], wish: Wish
) -> EnrolmentDetail:
    """Dates every step and tells EnrolmentStarted. Raises Problem 403, 404, 409 `already_enrolled` or 422."""
    template = _checked(work, templates, wish)
    await access.check(wish.patient_id, "consent", "write")
    row = await find_patient(work, wish.patient_id)
    patient = patient_of(row, seal, local_day(work.now))
    check_eligible(template, age_on(seal.birth_date(row), wish.started_on), wish.criteria)
    enrolment = _enrolment(work, access.caller.subject, template, wish)
    if not await enrolments.add(work, enrolment):
        known = await enrolments.find_running(work, patient.id, template.id)
        raise Problem(409, "already_enrolled", "This patient is on this pathway already", enrolment_id=known)
    await template_versions.keep(work, template)
    await keep_consent(work, access, patient.id, "pathway", wish.consent, enrolment_id=enrolment.id)
    await access.check(patient.id, "pathway", "write", enrolment_id=enrolment.id, action="enrol")
    await steps.add(work, _steps(work, enrolment, template))
    keys = await seal.keys(work, patient.id)
    pseudonym = keys.pseudonym("indicators") if keys else None
    work.emit(_started(enrolment, template, patient, pseudonym), version=1)
    await complete_when_over(work, access.caller.subject, enrolment.id)
    return await enrolment_detail(work, enrolment.id)


def _enrolment(work: Work, by: str, template: Template, wish: Wish) -> Enrolment:
    days = template.days(wish.started_on, wish.situation.dates)
    return Enrolment(
        id=work.new_id(),
        territory=work.territory,
        patient_id=wish.patient_id,
        template=template.id,
        template_version=template.version,
        label=template.label,
        state="active",
        started_on=wish.started_on,
        created_at=work.now,
        facts=sorted(code for code, holds in wish.situation.facts.items() if holds),
        dates={code: day.isoformat() for code, day in days.items()},
        told_dates=sorted(wish.situation.dates),
        criteria=dict(wish.criteria),
        version=1,
        changed_at=work.now,
        changed_by=by,
    )


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
    check_situation(template, wish.situation)
    return template


def check_eligible(template: Template, age: int, criteria: Mapping[str, bool]) -> None:
    """Raises Problem 422 that names what keeps the patient out."""
    for field_, complaint in template.eligibility.refusals(age, criteria):
        raise field_problem(field_, "not_eligible", complaint)


def _steps(work: Work, enrolment: Enrolment, template: Template) -> list[StepRow]:
    laid_out = lay_out(template.steps)
    days = {code: date.fromisoformat(day) for code, day in enrolment.dates.items()}
    windows = date_steps([it.rule for it in laid_out], Plan(enrolment.started_on, days))
    return [
        step_row(
            work,
            enrolment.changed_by,
            enrolment.id,
            it,
            position=position,
            window=windows[it.rule.key],
            state="planned" if asked_for(it.step, enrolment.facts) else "not_needed",
        )
        for position, it in enumerate(laid_out)
    ]


def step_row(
    work: Work, by: str, enrolment_id: UUID, it: Occurrence, *, position: int, window: Window, state: str
) -> StepRow:
    """A new row for one time that a step is to be done."""
    return StepRow(
        id=work.new_id(),
        territory=work.territory,
        enrolment_id=enrolment_id,
        position=position,
        key=it.rule.key,
        code=it.step.code,
        occurrence=it.number,
        label=it.step.label,
        role=it.step.role,
        gravity=it.step.gravity,
        anchor=it.rule.anchor,
        anchor_date=it.rule.date,
        from_days=it.rule.from_days,
        to_days=it.rule.to_days,
        from_on=window.from_on,
        due_on=window.due_on,
        opens_at=window.opens_at,
        due_at=window.due_at,
        state=state,
        version=1,
        rung=0,
        visit=it.step.visit,
        changed_at=work.now,
        changed_by=by,
    )


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
