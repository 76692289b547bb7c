"""What a territory does for a call that no slot fits (`deploy/territories/<slug>/snp-escalation.yaml`), versioned.

Ordered steps with waits, each taken once, evaluated until the call is served: the semantics of on-call
tools. A call keeps the ladder that was in force when it was received.
"""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from snp_dispatch.domain.catalogue import Catalogue, Rules
from snp_dispatch.domain.policy import Policy


class _Step(Rules):
    after_minutes: int = Field(ge=0, le=7 * 24 * 60, description="Since the step before, or since the call waits")


class WidenRadius(_Step):
    """Slots farther away are offered."""

    kind: Literal["widen_radius"]
    km: float = Field(gt=0)


class Video(_Step):
    """Video visits (téléconsultation) are offered, where the patient's mobility code allows them."""

    kind: Literal["video"]


class OtherProfession(_Step):
    """Another profession is offered, for needs of `instead_of`."""

    kind: Literal["other_profession"]
    instead_of: str
    profession: str
    specialty: str | None = None


class Neighbour(_Step):
    """Slots of neighbouring territories that agreed are offered."""

    kind: Literal["neighbour"]
    territories: tuple[str, ...] = Field(min_length=1)


class OfferVolunteers(_Step):
    """Practitioners who volunteered are asked, though they published no slot: one after the other, or all at once."""

    kind: Literal["offer_volunteers"]
    mode: Literal["one_by_one", "broadcast"]
    minutes: int = Field(ge=1, le=240, description="How long each has to answer")
    radius_km: float = Field(gt=0, description="Within this of the patient, or the caller's own distance if wider")


class Human(_Step):
    """The coordinator is told: the call is now a person's affair."""

    kind: Literal["human"]


class BackToCaller(_Step):
    """The caller is told where to turn meanwhile (on-duty guidance); the call stays on the waitlist."""

    kind: Literal["back_to_caller"]
    redirect: str


Step: TypeAlias = Annotated[
    WidenRadius | Video | OtherProfession | Neighbour | OfferVolunteers | Human | BackToCaller,
    Field(discriminator="kind"),
]


class Ladder(Rules):
    """The steps, and how long a seat found for a waiting call is kept for its caller."""

    version: str
    offer_hold_seconds: int = Field(ge=60, le=3600, description="A person must read, phone the patient and accept")
    steps: tuple[Step, ...] = ()

    @property
    def offer_time(self) -> timedelta:
        return timedelta(seconds=self.offer_hold_seconds)

    @property
    def digest(self) -> str:
        """Names the content, so that a changed file under an unchanged version is still another ladder."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    def due(self, position: int, now: datetime, deadline: datetime) -> datetime | None:
        """When the step at `position` is taken if the wait for it begins now; None after the last one.

        The waits of a call with little time shrink in proportion, so that every step comes before its deadline.
        """
        if position >= len(self.steps):
            return None
        waits = [timedelta(minutes=step.after_minutes) for step in self.steps[position:]]
        total, left = sum(waits, timedelta(0)), (deadline - now) * USABLE
        return now + (waits[0] if total <= left or not total else waits[0] * (left / total))

    def check(self, territory: str, territories: Collection[str], policy: Policy, catalogue: Catalogue) -> list[str]:
        """What is wrong with it beside the policy of its territory, one line each; empty when all is well."""
        wrong = [
            f"steps.{n}: {what}" for n, step in enumerate(self.steps) if (what := _unknown(step, policy, catalogue))
        ]
        for n, step in enumerate(self.steps):
            if isinstance(step, Neighbour):
                bad = [it for it in step.territories if it == territory or it not in territories]
                wrong += [f"steps.{n}: territory {it} is no neighbour" for it in bad]
        return wrong + self._unreachable(policy)

    def _unreachable(self, policy: Policy) -> list[str]:
        longest = max(it.longest_delay for it in policy.needs)
        total, reach, wrong = timedelta(0), policy.reach.default_km, []
        for n, step in enumerate(self.steps):
            total += timedelta(minutes=step.after_minutes)
            if total >= longest:
                wrong.append(f"steps.{n}: comes after every deadline of the policy")
            if isinstance(step, WidenRadius):
                if step.km <= reach:
                    wrong.append(f"steps.{n}: {step.km:g} km is not wider than {reach:g} km before it")
                reach = max(reach, step.km)
            if isinstance(step, BackToCaller) and n < len(self.steps) - 1:
                wrong.append(f"steps.{n}: back_to_caller must be the last step")
        return wrong


USABLE = 0.9
"""Share of the time left that waits may fill: the last step comes a little before the deadline."""

DEFAULT = Ladder(version="none", offer_hold_seconds=900)
"""For a territory without a file."""


def _unknown(step: Step, policy: Policy, catalogue: Catalogue) -> str | None:
    if isinstance(step, OtherProfession):
        if policy.need_type(step.profession, step.specialty) is None:
            return f"the policy does not name {step.profession} {step.specialty or ''}".strip()
        if not policy.serves(step.instead_of):
            return f"the policy does not name {step.instead_of}"
    if isinstance(step, BackToCaller) and step.redirect not in catalogue.redirects:
        return f"unknown redirect {step.redirect}"
    if isinstance(step, OfferVolunteers) and step.radius_km > policy.reach.outer_km:
        return f"{step.radius_km:g} km is beyond the policy's outer reach"
    if isinstance(step, WidenRadius) and step.km > policy.reach.outer_km:
        return f"{step.km:g} km is beyond the policy's outer reach"
    return None
