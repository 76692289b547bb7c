"""Gives the steps of an enrolment the windows that follow from its plan."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from contracts.pathways import StepReplanned
from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.access import Verb
from pathways.domain.dating import Plan, Window, date_steps, local_day
from pathways.domain.layout import Rule
from pathways.domain.replanning import Shift, Standing, shifts
from pathways.store import enrolments, pauses, steps
from pathways.usecases.access import Access
from pathways.usecases.show_enrolment import unknown_enrolment

RUNNING = ("active", "paused")
Who = Access | str
"""Who acts: the caller of a request before the rules of access, or the name of a job or consumer."""


async def check_may(who: Who, enrolment: Record, verb: Verb = "write") -> None:
    """Raises Problem 403 for a caller who may not, on this pathway of this patient."""
    if isinstance(who, Access):
        await who.check(enrolment["patient_id"], "pathway", verb, enrolment_id=enrolment["id"])


def name_of(who: Who) -> str:
    """As rows keep it."""
    return who.caller.subject if isinstance(who, Access) else who


async def lock_running(work: Work, who: Who, enrolment_id: UUID, verb: Verb = "write") -> Record:
    """The enrolment, for this transaction alone. Raises Problem 403, 404, or 409 `enrolment_closed` once it ended."""
    enrolment = await enrolments.lock(work, enrolment_id)
    if enrolment is None:
        raise unknown_enrolment()
    await check_may(who, enrolment, verb)
    if enrolment["state"] not in RUNNING:
        raise Problem(409, "enrolment_closed", "This enrolment has ended", state=enrolment["state"])
    return enrolment


async def plan_of(work: Work, enrolment: Record, rows: Iterable[Record]) -> Plan:
    """What the dates of the enrolment follow from, as it stands."""
    rows = list(rows)
    return Plan(
        started_on=enrolment["started_on"],
        dates=enrolments.days_of(enrolment),
        done_on={row["key"]: local_day(row["done_at"]) for row in rows if row["done_at"]},
        chosen={row["key"]: Window(row["chosen_from"], row["chosen_due"]) for row in rows if row["chosen_due"]},
        pauses=await pauses.days(work, enrolment["id"]),
    )


async def settle(work: Work, who: Who, enrolment: Record) -> list[Shift]:
    """After a change: moves what has another window now, and tells it. The enrolment is locked by the caller."""
    rows = await steps.of_enrolment(work, enrolment["id"], lock=True)
    found = shifted(rows, await plan_of(work, enrolment, rows), work)
    await apply(work, who, enrolment, rows, found)
    return found


def shifted(rows: Iterable[Record], plan: Plan, work: Work, asked: Mapping[str, bool] | None = None) -> list[Shift]:
    """What this plan would change."""
    rows = list(rows)
    return shifts(standing(rows), date_steps(rules_of(rows), plan), asked, work.now)


async def apply(work: Work, who: Who, enrolment: Record, rows: Iterable[Record], found: list[Shift]) -> None:
    """Writes the shifts and tells those that moved."""
    await steps.shift(work, name_of(who), found)
    known = {row["id"]: row for row in rows}
    for shift in found:
        row = known[shift.step.id]
        if shift.moved:
            work.emit(_told(enrolment, row, shift), version=row["version"] + 1, territory=row["territory"])


def rules_of(rows: Iterable[Record]) -> list[Rule]:
    return [Rule(row["key"], row["anchor"], row["from_days"], row["to_days"], row["anchor_date"]) for row in rows]


def standing(rows: Iterable[Record]) -> list[Standing]:
    return [
        Standing(row["id"], row["key"], row["label"], row["state"], Window(row["from_on"], row["due_on"]))
        for row in rows
    ]


def _told(enrolment: Record, row: Record, shift: Shift) -> StepReplanned:
    return StepReplanned(
        step_id=row["id"],
        enrolment_id=enrolment["id"],
        template=enrolment["template"],
        step=row["key"],
        code=row["code"],
        opens_at=shift.window.opens_at,
        due_at=shift.window.due_at,
        was_due_at=row["due_at"],
        state=shift.state,
    )
