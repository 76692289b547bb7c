"""The care team of a patient: who joins it, who leaves it, who is in it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.store import enrolments, team
from pathways.store.access_tables import TeamMember
from pathways.usecases.access import Access

EndReason = Literal["left", "replaced", "patient_request", "mistake"]


@dataclass(frozen=True)
class NewMember:
    """Who joins: by RPPS number or account, as what, on which basis, until when, for one pathway or all."""

    person: str
    role: str
    basis: Literal["consent", "care_team"] = "consent"
    informed_on: date | None = None
    ends_at: datetime | None = None
    enrolment_id: UUID | None = None


async def add_member(work: Work, access: Access, patient_id: UUID, new: NewMember) -> Record:
    """Raises Problem 403 `not_yourself` (a coordinator), 404, 409 `already_member` or 422."""
    grounds = await access.check(patient_id, "team", "write", enrolment_id=new.enrolment_id, action="add_member")
    if grounds.situation == "coordination" and new.person in access.people:
        raise Problem(403, "not_yourself", "A coordinator does not put themself into a care team")
    _check(work, access, new)
    if new.enrolment_id is not None:
        enrolment = await enrolments.find(work, new.enrolment_id)
        if enrolment is None or enrolment["patient_id"] != patient_id:
            raise field_problem("enrolment_id", "enrolment_unknown", "This patient has no such enrolment")
    return await join_team(work, access, patient_id, new)


async def join_team(work: Work, access: Access, patient_id: UUID, new: NewMember) -> Record:
    """Adds the place itself; whoever registers a patient takes theirs so. Raises Problem 409 or 422 `role_unknown`."""
    if new.role not in {role.code for role in access.rules.roles}:
        raise field_problem("role", "role_unknown", "See `roles` of patient-access.yaml")
    row = TeamMember(
        id=work.new_id(),
        territory=work.territory,
        patient_id=patient_id,
        enrolment_id=new.enrolment_id,
        person=new.person,
        role=new.role,
        basis=new.basis,
        informed_on=new.informed_on,
        starts_at=work.now,
        ends_at=new.ends_at,
        version=1,
        changed_at=work.now,
        changed_by=access.caller.subject,
    )
    kept = await team.add(work, row)
    if kept is None:
        raise Problem(409, "already_member", "This person has this place in the care team already")
    return kept


def _check(work: Work, access: Access, new: NewMember) -> None:
    if new.basis == "care_team" and new.informed_on is None:
        raise field_problem(
            "informed_on", "patient_not_informed", "L1110-4: the patient is told of the care team first"
        )
    if new.informed_on is not None and new.informed_on > local_day(work.now):
        raise field_problem("informed_on", "informed_in_future", "A day up to today")
    if new.ends_at is not None and new.ends_at <= work.now:
        raise field_problem("ends_at", "ends_in_past", "A later instant")


async def end_membership(work: Work, access: Access, member_id: UUID, reason: EndReason) -> Record:
    """From now on this place gives nothing. Members may leave by themselves. Raises Problem 403, 404 or 409."""
    member = await team.lock(work, member_id)
    if member is None:
        raise Problem(404, "member_unknown", "No such place in a care team of this territory")
    if member["person"] not in access.people:
        await access.check(member["patient_id"], "team", "write", action="end_member")
    if member["ends_at"] is not None and member["ends_at"] <= work.now:
        raise Problem(409, "membership_ended", "This place has ended")
    return await team.end(work, member_id, reason, access.caller.subject)


async def list_team(
    work: Work, access: Access, patient_id: UUID, *, at: datetime | None, after: UUID | None, limit: int
) -> list[Record]:
    """One more than `limit`; without `at` also the places that have ended. Raises Problem 403 or 404."""
    await access.check(patient_id, "team")
    return await team.of_patient(work, patient_id, at, after, limit + 1)
