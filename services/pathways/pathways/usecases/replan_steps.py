"""Reality moved: a step is put on another day, a named day is told, something holds of the patient or no more."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.dating import Window, local_day
from pathways.domain.replanning import Shift
from pathways.domain.template import Template, asked_for
from pathways.store import enrolments, steps, template_versions
from pathways.usecases.close_step import complete_when_over
from pathways.usecases.settle_steps import Who, apply, lock_running, name_of, plan_of, shifted

_FARTHEST = timedelta(days=3660)


@dataclass(frozen=True)
class Situation:
    """What is told anew: named days, and facts that hold or hold no more."""

    dates: Mapping[str, date] = field(default_factory=dict)
    facts: Mapping[str, bool] = field(default_factory=dict)


async def replan_step(
    work: Work, who: Who, step_id: UUID, from_on: date, due_on: date | None, *, preview: bool
) -> list[Shift]:
    """Puts an open step on these days; what counts from it follows. Answers every step that shifts, this one too.

    With `preview` nothing is changed. Raises Problem 404, 409 or 422.
    """
    enrolment = await _enrolment_of(work, who, step_id)
    window = _checked(work, enrolment, Window(from_on, due_on or from_on))
    rows = await steps.of_enrolment(work, enrolment["id"], lock=True)
    chosen = next(row for row in rows if row["id"] == step_id)
    if chosen["state"] in ("done", "skipped", "cancelled", "not_needed"):
        raise Problem(409, "step_closed", "Only a step that is to be done has another day", state=chosen["state"])
    plan = await plan_of(work, enrolment, rows)
    found = shifted(rows, replace(plan, chosen={**plan.chosen, chosen["key"]: window}), work)
    if not preview:
        await steps.choose(work, step_id, window)
        await apply(work, who, enrolment, rows, found)
    return found


async def tell_situation(work: Work, who: Who, enrolment_id: UUID, told: Situation, *, preview: bool) -> list[Shift]:
    """Takes up what holds of the patient now. Answers every step that shifts, is asked for, or is no more.

    With `preview` nothing is changed. Raises Problem 404, 409 or 422.
    """
    enrolment = await lock_running(work, who, enrolment_id)
    template = await _template(work, enrolment)
    check_situation(template, told)
    facts = sorted({*enrolment["facts"], *(it for it, holds in told.facts.items() if holds)} - _denied(told))
    dates = enrolments.days_of(enrolment) | dict(told.dates)
    rows = await steps.of_enrolment(work, enrolment_id, lock=True)
    specs = {step.code: step for step in template.steps}
    asked = {row["key"]: row["code"] not in specs or asked_for(specs[row["code"]], facts) for row in rows}
    found = shifted(rows, replace(await plan_of(work, enrolment, rows), dates=dates), work, asked)
    if not preview:
        dated = sorted({*enrolment["told_dates"], *told.dates})
        enrolment = await enrolments.situate(work, enrolment_id, name_of(who), facts=facts, dates=dates, told=dated)
        await apply(work, who, enrolment, rows, found)
        await complete_when_over(work, name_of(who), enrolment_id)
    return found


def check_situation(template: Template, told: Situation) -> None:
    """Raises Problem 422 for a fact or a day that the pathway does not know."""
    for field_, given, known in (
        ("facts", told.facts, [it.code for it in template.facts]),
        ("dates", told.dates, [it.code for it in template.dates]),
    ):
        if unknown := sorted(set(given) - set(known)):
            detail = f"The pathway knows {', '.join(known) or 'none'}"
            raise field_problem(f"{field_}.{unknown[0]}", "code_unknown", detail)


def _denied(told: Situation) -> set[str]:
    return {code for code, holds in told.facts.items() if not holds}


async def _enrolment_of(work: Work, who: Who, step_id: UUID) -> Record:
    step = await steps.find(work, step_id)
    if step is None:
        raise Problem(404, "step_unknown", "No such step on this territory")
    return await lock_running(work, who, step["enrolment_id"])


async def _template(work: Work, enrolment: Record) -> Template:
    found = await template_versions.of(work, enrolment)
    if found is None:
        version = enrolment["template_version"]
        raise Problem(409, "template_version_lost", f"Version {version} was not kept: migrate the enrolment first")
    return found


def _checked(work: Work, enrolment: Record, window: Window) -> Window:
    if window.due_on < window.from_on:
        raise field_problem("due_on", "dates_out_of_order", "The last day comes after the first")
    if window.due_on < local_day(work.now):
        raise field_problem("due_on" if window.due_on != window.from_on else "from_on", "day_past", "Today, or later")
    if window.from_on < enrolment["started_on"]:
        raise field_problem("from_on", "day_before_enrolment", "The enrolment begins later")
    if window.due_on - enrolment["started_on"] > _FARTHEST:
        raise field_problem("from_on", "day_too_far", "Within ten years of the enrolment")
    return window
