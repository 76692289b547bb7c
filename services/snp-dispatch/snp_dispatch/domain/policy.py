"""A territory's policy for unscheduled care (`deploy/territories/<slug>/snp-policy.yaml`), versioned.

A decision stores the version it was taken under. Lists of red flags and allowed levels are medical
choices: the file says who validated them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, TypeAlias, cast

from pydantic import Field, model_validator

from snp_dispatch.domain.catalogue import Audience, Catalogue, Origin, Rules
from snp_dispatch.domain.vital_signs import VitalRules

MinimumField: TypeAlias = Literal[
    "reason",
    "regular_doctor",
    "patient_ref",
    "contact_name",
    "contact_phone",
    "caller_organisation",
    "caller_professional",
]
"""What a policy may ask every call of an origin to carry, beyond what the contract requires."""


class OriginRules(Rules):
    """What the policy asks of calls from one origin, and where it sends a red flag."""

    audiences: frozenset[Audience] = Field(min_length=1, description="Audiences of the slots that this origin may use")
    redirect: str = Field(description="Where a red flag sends the patient")
    triage_required: bool = False
    levels: dict[str, frozenset[str]] = Field(default={}, description="Scale -> levels that may be given a town slot")
    senior_validation: bool = Field(default=False, description="A senior doctor must have agreed (réorientation)")
    patient_agreement: bool = True
    vital_signs: VitalRules = VitalRules()
    minimum_data: frozenset[MinimumField] = Field(default=frozenset(), description="Must come with the call")
    priority: int | None = Field(
        default=None, ge=0, le=1000, description="Rank in the waitlist of a call without a level; null: the last"
    )
    longest_delay_hours: int | None = Field(
        default=None, ge=1, le=24 * 366, description="Instead of that of the need; null: that of the need"
    )
    communes: dict[str, str] = Field(
        default={}, description="Département -> commune to count distances from when the call names no commune"
    )


class NeedType(Rules):
    """One kind of care that may be asked for, and the longest delay to promise for it."""

    profession: str
    specialty: str | None = None
    label: str
    longest_delay_hours: int = Field(default=48, ge=1, le=24 * 14)
    origins: frozenset[Origin] | None = Field(default=None, description="Only calls of these may ask; null: any")

    @property
    def longest_delay(self) -> timedelta:
        return timedelta(hours=self.longest_delay_hours)


def open_to(kind: NeedType, origin: str | None) -> bool:
    """Whether a call of this origin may ask for it; without an origin, whether any may."""
    return kind.origins is None or origin is None or origin in kind.origins


class Reach(Rules):
    """Distances as the crow flies, in kilometres."""

    default_km: float = Field(gt=0)
    outer_km: float = Field(gt=0, description="Never farther, whatever the caller asks")


class Weights(Rules):
    """What a candidate slot costs, in points: the lowest total comes first (see matching.py)."""

    wait_per_hour: float = Field(ge=0)
    distance_per_km: float = Field(ge=0)
    not_regular_doctor: float = Field(ge=0, description="When the patient has a regular doctor and this is not them")
    not_same_practice: float = Field(default=0, ge=0, description="Nor at the practice of the regular doctor")
    not_seen_before: float = Field(
        default=0, ge=0, description="When others have seen the patient lately, not this one"
    )
    fairness: float = Field(default=0, ge=0, description="The most that the load of a practitioner can cost")
    travel_per_minute: float | None = Field(
        default=None, ge=0, description="Takes the place of distance_per_km where minutes are known; null: never"
    )


HARD: Literal["hard"] = "hard"
Wish = Literal["hard"] | Annotated[float, Field(ge=0, le=10_000)]


class Criteria(Rules):
    """What callers may ask of who serves. `hard`: a slot that does not have it, or of which it is not known, is not
    proposed. A number: the points that it costs not to have it, half of them when it is not known."""

    language: Wish = HARD
    accessibility: Wish = HARD
    tariff_sector: Wish = HARD
    gender: Wish = HARD

    def is_hard(self, name: str) -> bool:
        return bool(getattr(self, name) == HARD)

    def points(self, name: str) -> float:
        """Of a criterion that is not hard."""
        return cast(float, getattr(self, name))


class Fairness(Rules):
    """How the load of a practitioner is counted (domain/fairness.py); what it weighs stands in the weights."""

    half_life_days: float = Field(default=14, gt=0, le=365, description="A visit counts half after this")
    full_load: float = Field(
        default=20, gt=0, le=200, description="Visits, decayed, from which the load counts in full"
    )

    @property
    def window(self) -> timedelta:
        """What is older counts less than a thirtieth of a visit, and is not looked at."""
        return timedelta(days=5 * self.half_life_days)


class Relaxations(Rules):
    """When an answer also says what each constraint costs the caller."""

    below: int = Field(ge=1, description="Fewer proposals than this, and relaxations are counted")
    horizon_hours: int = Field(ge=1, description="How far a later deadline is looked at")


class Policy(Rules):
    """The whole of it. Unknown codes are refused at start by `check`."""

    version: str = Field(min_length=1)
    valid_from: date
    validated_by: str | None = Field(description="Medical body that approved it; null while it is a proposal")
    origins: dict[Origin, OriginRules]
    red_flags: tuple[str, ...] = Field(min_length=1)
    needs: tuple[NeedType, ...] = Field(min_length=1)
    reach: Reach
    weights: Weights
    criteria: Criteria = Criteria()
    fairness: Fairness = Fairness()
    continuity_days: int = Field(default=365, ge=0, le=3650, description="How long having seen a patient counts")
    relaxations: Relaxations
    hold_seconds: int = Field(ge=10, le=3600)
    fulfil_minutes_before_start: int = Field(ge=0)
    hold_warning_seconds: int = Field(default=60, ge=0, description="Before the end of a hold; 0: no warning")
    patient_late_hours: int = Field(
        default=0, ge=0, le=24 * 14, description="A patient who moves a visit may go this far past the deadline"
    )
    outcome_hours: int = Field(
        default=12, ge=0, le=72, description="After the end of a visit: the time to say whether it took place"
    )
    outcome_undo_days: int = Field(
        default=30, ge=0, le=400, description="After the end of a visit: the time to take its outcome back"
    )
    reminder_minutes: tuple[Annotated[int, Field(ge=5, le=14 * 24 * 60)], ...] = Field(
        default=(24 * 60, 120), max_length=5, description="Before a visit: when its patient is to be reminded"
    )
    overbooking_per_slot: int = Field(
        default=0, ge=0, le=20, description="Extra patients that a full slot may be given by hand; 0: none"
    )
    contact_retention_days: int = Field(ge=3, description="Days after the call; a visit is at most 14 days away")
    availability_horizon_days: int = Field(ge=1, le=60)

    def need_type(self, profession: str, specialty: str | None, origin: str | None = None) -> NeedType | None:
        """The kind of care, or None when the policy does not name it, or not for calls of this origin."""
        named = (it for it in self.needs if (it.profession, it.specialty) == (profession, specialty))
        return next((it for it in named if open_to(it, origin)), None)

    def delay_of(self, kind: NeedType, origin: str) -> timedelta:
        """What is promised to a call of this origin for this kind of care."""
        hours = self.rules_of(origin).longest_delay_hours
        return kind.longest_delay if hours is None else timedelta(hours=hours)

    def delay_anew(self, profession: str, specialty: str | None, origin: str, asked: timedelta | None) -> timedelta:
        """What a call gets whose deadline has passed before its patient was seen.

        The longest delay of its kind of care; for one that the policy names no more, the longest of all. A call of an
        origin with a delay of its own gets the delay that it `asked` for: a step of a pathway sets its own deadline.
        """
        own = self.rules_of(origin).longest_delay_hours
        if own is not None:
            return min(timedelta(hours=own), asked or timedelta(hours=own))
        kind = self.need_type(profession, specialty, origin)
        return kind.longest_delay if kind else max(it.longest_delay for it in self.needs)

    def rules_of(self, origin: str) -> OriginRules:
        """Raises KeyError for an origin that the catalogue does not know."""
        return {str(name): rules for name, rules in self.origins.items()}[origin]

    def serves(self, profession: str, origin: str | None = None) -> bool:
        return any(it.profession == profession and open_to(it, origin) for it in self.needs)

    @property
    def hold_time(self) -> timedelta:
        return timedelta(seconds=self.hold_seconds)

    def warn_at(self, expires_at: datetime, lasts: timedelta) -> datetime | None:
        """When the holder is warned of the end; None when the warning is off, or longer than the hold itself."""
        early = timedelta(seconds=self.hold_warning_seconds)
        return expires_at - early if timedelta(0) < early < lasts else None

    @model_validator(mode="after")
    def _coherent(self) -> "Policy":
        if self.reach.default_km > self.reach.outer_km:
            raise ValueError("reach.default_km is greater than reach.outer_km")
        if len({(it.profession, it.specialty) for it in self.needs}) < len(self.needs):
            raise ValueError("needs names a profession and specialty twice")
        return self

    def check(self, catalogue: Catalogue) -> list[str]:
        """What this policy names that the catalogue does not know, one line each; empty when all is well."""
        wrong = [f"red_flags: {code}" for code in self.red_flags if code not in catalogue.red_flags]
        wrong += [f"origins: {code} is missing" for code in catalogue.origins if code not in self.origins]
        for origin, rules in self.origins.items():
            if rules.redirect not in catalogue.redirects:
                wrong.append(f"origins.{origin}.redirect: {rules.redirect}")
            for scale, levels in rules.levels.items():
                known = catalogue.triage_scales[scale].levels.keys() if scale in catalogue.triage_scales else set()
                wrong += [f"origins.{origin}.levels.{scale}: {level}" for level in sorted(levels - known)]
        return wrong


@dataclass(frozen=True)
class PolicyVersions:
    """The versions of a territory's policy that are known, by the day from which they count."""

    versions: tuple[Policy, ...]

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> "PolicyVersions":
        """Raises ValueError when two share a version or a day, or when there is none."""
        ordered = tuple(sorted(policies, key=lambda it: it.valid_from))
        for name in ("version", "valid_from"):
            if len({getattr(it, name) for it in ordered}) < len(ordered):
                raise ValueError(f"two policies have the same {name}")
        if not ordered:
            raise ValueError("no policy")
        return cls(ordered)

    def on(self, day: date) -> Policy:
        """The newest whose day has come; the first of all before that, there being nothing else to decide by."""
        return next((it for it in reversed(self.versions) if it.valid_from <= day), self.versions[0])

    def after(self, day: date) -> Policy | None:
        """The next one to come into force, or None."""
        return next((it for it in self.versions[1:] if it.valid_from > day), None)
