"""Every step of a pathway as often as it is to be done, each with the rule that dates it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from pathways.domain.template_step import Step


@dataclass(frozen=True)
class Rule:
    """How one step is dated: from another one (`anchor`, its key), from a named day (`date`), else the enrolment."""

    key: str
    anchor: str | None
    from_days: int
    to_days: int
    date: str | None = None


@dataclass(frozen=True)
class Occurrence:
    """One time that a step is to be done: `number` of one that comes back, else None."""

    rule: Rule
    step: Step
    number: int | None


def lay_out(steps: Sequence[Step]) -> list[Occurrence]:
    """In the order of the template. The steps refer to each other without a circle."""
    keys = keys_of(steps)
    return [occurrence for step in steps for occurrence in _occurrences(step, keys)]


def keys_of(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """By code, one key for each time that the step is to be done. Raises ValueError when steps go in a circle."""
    known = {step.code: step for step in steps}
    keys: dict[str, tuple[str, ...]] = {}
    for code in in_order({step.code: {step.after} if step.after else set() for step in steps}):
        step = known[code]
        followed = keys[step.after] if step.each and step.after else (step.after,)
        times = step.repeat.times if step.repeat else len(followed) if followed != (step.after,) else 0
        keys[code] = tuple(f"{code}-{number}" for number in range(1, times + 1)) or (code,)
    return keys


def in_order(before: Mapping[str, Iterable[str]]) -> list[str]:
    """Each after those that it counts from. Raises ValueError that names a circle."""
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise ValueError(f"go in a circle: {' -> '.join(reversed(error.args[1]))}") from None


def _occurrences(step: Step, keys: Mapping[str, tuple[str, ...]]) -> list[Occurrence]:
    own = keys[step.code]
    if step.each and step.after:
        pairs = zip(own, keys[step.after], strict=True)
        rules = [Rule(key, anchor, step.from_days, step.to_days) for key, anchor in pairs]
    else:
        rules = _of_first_and_later(step, own, keys)
    if own == (step.code,):
        return [Occurrence(rules[0], step, None)]
    return [Occurrence(rule, step, number) for number, rule in enumerate(rules, start=1)]


def _of_first_and_later(step: Step, own: tuple[str, ...], keys: Mapping[str, tuple[str, ...]]) -> list[Rule]:
    anchor = keys[step.after][(step.occurrence or 0) - 1] if step.after else None
    rules = [Rule(own[0], anchor, step.from_days, step.to_days, step.date)]
    if step.repeat:
        every, latest = step.repeat.every_days, step.repeat.every_days + step.repeat.tolerance_days
        rules += [Rule(key, before, every, latest) for before, key in pairwise(own)]
    return rules
