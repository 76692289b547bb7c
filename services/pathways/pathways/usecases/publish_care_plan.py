"""A new version of a personal care plan (PPS): made from what stands now, sealed, for the team and the patient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from contracts.coordination import CarePlanPublished
from kit import rows
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.access import AccessRules
from pathways.domain.care_plan import CarePlan, Contact, planned_steps
from pathways.store import care_plans, enrolments, steps, template_versions
from pathways.store.held import content_context
from pathways.store.patient_keys import PatientKeys
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.prove_by_plan import prove_by_plan
from pathways.usecases.show_enrolment import unknown_enrolment
from pathways.usecases.show_patient import present_keys

PATIENT = "patient"
"""The name of the patient among recipients."""


@dataclass(frozen=True)
class GivenContact:
    """How to reach a member at work, as the directory publishes it."""

    name: str | None = None
    place: str | None = None
    phone: str | None = None
    secure_mailbox: str | None = None


@dataclass(frozen=True)
class PlanAsked:
    """What the author adds: goals and instructions beside those of the pathway, a note, contacts; and who gets it."""

    goals: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()
    note: str | None = None
    contacts: Mapping[UUID, GivenContact] = field(default_factory=dict)
    recipients: tuple[UUID, ...] | None = None
    to_patient: bool = True


async def publish_care_plan(work: Work, access: Access, seal: Seal, enrolment_id: UUID, asked: PlanAsked) -> Record:
    """The version, for good. Raises Problem 403, 404, 409 `enrolment_left`, 410, 422 `member_unknown`."""
    enrolment = await enrolments.lock(work, enrolment_id)
    if enrolment is None:
        raise unknown_enrolment()
    patient_id = enrolment["patient_id"]
    await access.check(patient_id, "clinical", "write", enrolment_id=enrolment_id, action="publish_care_plan")
    if enrolment["state"] == "left":
        raise Problem(409, "enrolment_left", "The patient left this pathway: there is nothing to plan")
    keys = present_keys(await seal.keys(work, patient_id))
    team = await care_plans.team(work, patient_id, enrolment_id, work.now)
    _check_members(asked, {row["id"] for row in team})
    plan_id, before = work.new_id(), await care_plans.latest(work, enrolment_id)
    await prove_by_plan(work, access.caller.subject, enrolment, plan_id)
    known = {it.member_id: it for it in opened(keys, before).team} if before else {}
    content = await _made(work, access, enrolment, team=team, asked=asked, known=known)
    number = before["number"] + 1 if before else 1
    row = await _kept(work, access, keys, enrolment, content, plan_id=plan_id, number=number)
    count = await _addressed(work, access, row, team, asked)
    told = CarePlanPublished(
        plan_id=row["id"],
        enrolment_id=enrolment_id,
        template=enrolment["template"],
        number=row["number"],
        recipients=count,
    )
    work.emit(told, version=row["version"])
    return row


def opened(keys: PatientKeys, row: Record) -> CarePlan:
    """What a version says. Raises kit.crypto.UndecryptableError."""
    context = content_context(care_plans.PLAN, row["id"], "content")
    return CarePlan.model_validate_json(keys.decrypt(row["content"], context))


def _check_members(asked: PlanAsked, known: set[UUID]) -> None:
    for where, named in (("contacts", asked.contacts), ("recipients", asked.recipients or ())):
        if not known.issuperset(named):
            raise field_problem(where, "member_unknown", "A place in the care team of this pathway that stands now")


async def _made(
    work: Work,
    access: Access,
    enrolment: Record,
    *,
    team: list[Record],
    asked: PlanAsked,
    known: Mapping[UUID, Contact],
) -> CarePlan:
    template = await template_versions.of(work, enrolment)
    texts = template.plan if template else None
    return CarePlan(
        pathway=enrolment["label"],
        plain=template.plain if template else None,
        goals=(*(texts.goals if texts else ()), *asked.goals),
        instructions=(*(texts.instructions if texts else ()), *asked.instructions),
        note=asked.note,
        steps=planned_steps(template, await steps.of_enrolment(work, enrolment["id"])),
        team=tuple(_contacts(access.rules, team, asked.contacts, known)),
        author=access.people[-1],
        made_at=work.now,
    )


def _contacts(
    rules: AccessRules, team: list[Record], given: Mapping[UUID, GivenContact], known: Mapping[UUID, Contact]
) -> Iterable[Contact]:
    """Of who has no new ones, those of the version before."""
    labels = {role.code: role.label for role in rules.roles}
    for row in team:
        told = given.get(row["id"]) or known.get(row["id"])
        reach = {name: getattr(told, name, None) for name in ("name", "place", "phone", "secure_mailbox")}
        yield Contact(member_id=row["id"], person=row["person"], role=labels.get(row["role"], row["role"]), **reach)


async def _kept(
    work: Work, access: Access, keys: PatientKeys, enrolment: Record, content: CarePlan, *, plan_id: UUID, number: int
) -> Record:
    return await rows.add(
        work,
        care_plans.PLAN,
        access.caller.subject,
        id=plan_id,
        patient_id=enrolment["patient_id"],
        enrolment_id=enrolment["id"],
        number=number,
        template_version=enrolment["template_version"],
        content=keys.encrypt(content.model_dump_json(), content_context(care_plans.PLAN, plan_id, "content")),
        published_at=work.now,
    )


async def _addressed(work: Work, access: Access, plan: Record, team: list[Record], asked: PlanAsked) -> int:
    """Unless named, everybody of the team who may read it; somebody with two places gets it once."""
    readers = set(access.rules.roles_for("team", "clinical"))
    chosen = [it for it in team if asked.recipients is None or it["id"] in asked.recipients]
    people = {it["person"]: it["role"] for it in reversed(chosen) if it["role"] in readers}
    people |= {PATIENT: None} if asked.to_patient else {}
    for person, role in sorted(people.items()):
        who = {"patient_id": plan["patient_id"], "plan_id": plan["id"], "person": person, "role": role}
        await rows.add(work, care_plans.RECIPIENT, access.caller.subject, **who)
    return len(people)
