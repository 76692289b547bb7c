"""What makes the parts of a pathway fit together. Each complaint names the step and the field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pathways.domain.dating import Plan, date_steps
from pathways.domain.layout import keys_of, lay_out

if TYPE_CHECKING:
    from pathways.domain.template import Template
    from pathways.domain.template_step import Step

_LONGEST_DAYS = 3660


def complaints(template: Template) -> Iterator[str]:
    """What is wrong, the first first. What comes later may only be looked at when nothing came before."""
    yield from _twice(template)
    for position, step in enumerate(template.steps):
        yield from (f"steps.{position} ({step.code}): {complaint}" for complaint in _unknown(step, template))
    yield from _unknown_outside_steps(template)
    yield from _circles_and_windows(template)


def _twice(template: Template) -> Iterator[str]:
    lists: dict[str, Iterable[str]] = {
        "steps": (it.code for it in template.steps),
        "roles": (it.code for it in template.roles),
        "facts": (it.code for it in template.facts),
        "dates": (it.code for it in template.dates),
        "documents": (it.code for it in template.documents),
        "surveys": (f"{it.key} for {it.audience}" for it in template.surveys),
        "alerts": (it.code for it in template.alerts),
        "eligibility.criteria": (it.code for it in template.eligibility.criteria),
    }
    for name, codes in lists.items():
        if again := [code for code, times in Counter(codes).items() if times > 1]:
            yield f"{name}: named twice: {', '.join(again)}"


def _unknown(step: Step, template: Template) -> Iterator[str]:
    roles = [it.code for it in template.roles]
    facts = [it.code for it in template.facts]
    yield from _absent("role", [step.role], roles, "roles")
    yield from _absent("after", [step.after] if step.after else [], [it.code for it in template.steps], "steps")
    yield from _absent("date", [step.date] if step.date else [], [it.code for it in template.dates], "dates")
    yield from _absent("when", step.when, facts, "facts")
    yield from _absent("unless", step.unless, facts, "facts")
    yield from _absent(
        "document", [step.document] if step.document else [], [it.code for it in template.documents], "documents"
    )
    yield from _absent("survey", [step.survey] if step.survey else [], [it.key for it in template.surveys], "surveys")
    yield from _absent("escalation", [it.role for it in step.escalation or ()], roles, "roles")


def _unknown_outside_steps(template: Template) -> Iterator[str]:
    roles = [it.code for it in template.roles]
    yield from _absent("escalation", [it.role for it in template.escalation], roles, "roles")
    days = [rung.after_days for rung in template.escalation]
    if days != sorted(days):
        yield "escalation: the days go up from one to the next"
    for position, alert in enumerate(template.alerts):
        named = [it.role for it in alert.responders]
        for complaint in _absent("responders", named, roles, "roles"):
            yield f"alerts.{position} ({alert.code}): {complaint}"
        if len(set(named)) < len(named):
            yield f"alerts.{position} ({alert.code}): responders: the same role is called twice"


def _absent(field: str, named: Iterable[str], known: Collection[str], where: str) -> Iterator[str]:
    for code in named:
        if code not in known:
            yield f"{field}: {code!r} is not among `{where}`"


def _circles_and_windows(template: Template) -> Iterator[str]:
    try:
        keys = keys_of(template.steps)
    except ValueError as error:
        yield f"steps: after: {error}"
        return
    for position, step in enumerate(template.steps):
        if step.after and step.occurrence and step.occurrence > len(keys[step.after]):
            yield f"steps.{position} ({step.code}): occurrence: {step.after!r} does not come back that often"
            return
    all_keys = Counter(key for own in keys.values() for key in own)
    if again := [key for key, times in all_keys.items() if times > 1]:
        yield f"steps: named twice: {', '.join(again)}"
        return
    yield from _impossible_windows(template)


def _impossible_windows(template: Template) -> Iterator[str]:
    start = date(2000, 1, 1)
    dates = {it.code: start + timedelta(days=it.assumed_after_days) for it in template.dates}
    laid_out = lay_out(template.steps)
    windows = date_steps([it.rule for it in laid_out], Plan(start, dates))
    places = {step.code: position for position, step in enumerate(template.steps)}
    for it in laid_out:
        days = (windows[it.rule.key].due_on - start).days
        if days < 0:
            yield f"steps.{places[it.step.code]} ({it.rule.key}): to_days: its window ends before the enrolment"
        if days > _LONGEST_DAYS:
            yield f"steps.{places[it.step.code]} ({it.rule.key}): to_days: its window ends after more than ten years"
