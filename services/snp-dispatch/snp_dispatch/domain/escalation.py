"""What a step of the ladder does for one call, and what a waiting call may be given after its steps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from snp_dispatch.domain.catalogue import VIDEO
from snp_dispatch.domain.ladder import (
    BackToCaller,
    Neighbour,
    OtherProfession,
    Step,
    Video,
    WidenRadius,
)
from snp_dispatch.domain.matching import Need


@dataclass(frozen=True)
class Taken:
    """How a step came out: done with what it allows, or skipped with the reason as a code."""

    outcome: Literal["done", "skipped"]
    detail: dict[str, Any]


@dataclass(frozen=True)
class Eased:
    """A wider need, and the kinds of the steps that widened it."""

    need: Need
    by: tuple[str, ...]


def take(step: Step, need: Need, mobility_modes: frozenset[str], *, found: Sequence[UUID] = ()) -> Taken:
    """Looks at one step for the need as its caller stated it.

    `found`: for `neighbour` the grants that are open to the call, for `offer_volunteers` the offers made.
    """
    skip = _reason_to_skip(step, need, mobility_modes, bool(found))
    if skip:
        return Taken("skipped", {"reason": skip})
    detail = step.model_dump(mode="json", exclude={"kind", "after_minutes"})
    if isinstance(step, Neighbour):
        detail["grants"] = [str(it) for it in found]
    return Taken("done", detail)


def _reason_to_skip(step: Step, need: Need, mobility_modes: frozenset[str], found: bool) -> str | None:
    if isinstance(step, WidenRadius) and step.km <= need.radius_km:
        return "already_wider"
    if isinstance(step, Video) and VIDEO in need.modes:
        return "already_asked"
    if isinstance(step, Video) and VIDEO not in mobility_modes:
        return "mobility"
    if isinstance(step, OtherProfession) and step.instead_of != need.profession:
        return "other_need"
    return None if found else _NOBODY.get(step.kind)


_NOBODY = {"neighbour": "no_grant", "offer_volunteers": "no_volunteer"}
"""Steps that need somebody else, and why they are skipped when there is nobody."""


def guidance(step: Step) -> str | None:
    """Where the caller is told to turn, as a code of the catalogue."""
    return step.redirect if isinstance(step, BackToCaller) else None


def eased(need: Need, steps: Iterable[Mapping[str, Any]]) -> list[Eased]:
    """The wider needs that the steps done allow, in their order; the caller's own need is not among them.

    Distance and video add up; another profession is looked for within the same.
    """
    wide, by, others = need, [], []
    for step in steps:
        if step["outcome"] != "done":
            continue
        if step["kind"] == "widen_radius":
            wide = replace(wide, radius_km=max(wide.radius_km, step["detail"]["km"]))
        elif step["kind"] == "video":
            wide = replace(wide, modes=wide.modes | {VIDEO})
        elif step["kind"] == "other_profession":
            others.append(step["detail"])
            continue
        else:
            continue
        by.append(step["kind"])
    found = [Eased(wide, tuple(by))] if by else []
    for it in others:
        other = replace(wide, profession=it["profession"], specialty=it["specialty"])
        found.append(Eased(other, (*by, "other_profession")))
    return found
