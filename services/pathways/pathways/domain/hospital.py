"""What a territory says of hospital stays (`hospital.yaml`), what is told of one, what follows from their days."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pathways.domain.patient import WITH_INS, IdentityStatus, looks_like_ins

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
StayKind = Literal["ed_visit", "stay"]
"""*Passage aux urgences, séjour.*"""
Entry = Literal["direct", "ed"]
"""How a stay began: directly, or through the emergency department (*par le SAU*)."""
_Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*[^\W\d_][^\x00]*$")
]
_OLDEST = timedelta(days=3 * 366)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Motive(_Part):
    """Why somebody came to the hospital."""

    label: str


class Destination(_Part):
    """Where a patient goes from the hospital. `follow_up`: the steps after a discharge begin."""

    label: str
    follow_up: bool


class Contact(_Part):
    """Who is to be called in town (*interlocuteur unique*)."""

    label: str = Field(min_length=1, max_length=200)
    phone: str | None = Field(default=None, pattern=r"^\+[1-9][0-9]{6,14}$")
    email: str | None = Field(default=None, max_length=254)


class OwnHospital(_Part):
    """What a territory says differently."""

    version: str = Field(min_length=1, max_length=40)
    validated_by: str | None = None
    readmission_days: int | None = Field(default=None, ge=1, le=366)
    motives: Mapping[Code, Motive] | None = None
    destinations: Mapping[Code, Destination] | None = None
    contact_roles: tuple[str, ...] | None = None
    contact: Contact | None = None


class Hospital(_Part):
    """The file `hospital.yaml`."""

    version: str = Field(min_length=1, max_length=40)
    validated_by: str | None
    readmission_days: int = Field(ge=1, le=366)
    motives: Mapping[Code, Motive] = Field(min_length=1)
    destinations: Mapping[Code, Destination] = Field(min_length=1)
    contact_roles: tuple[str, ...]
    contact: Contact

    def with_own(self, own: OwnHospital) -> "Hospital":
        """These rules with those of a territory; their versions are told together."""
        said = {name: value for name in OwnHospital.model_fields if (value := getattr(own, name)) is not None}
        return self.model_copy(update={**said, "version": f"{self.version}+{own.version}"})

    @property
    def going_home(self) -> list[str]:
        """Destinations after which the steps of a discharge begin."""
        return [code for code, it in self.destinations.items() if it.follow_up]


class StayTold(BaseModel):
    """What a hospital tells of one emergency visit or stay, whole; the same `number` again corrects it.

    The identity is compared with those of enrolled patients and not kept.
    """

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {
                    "number": "S-2026-00017",
                    "kind": "stay",
                    "motive": "heart-failure",
                    "entry": "ed",
                    "arrived_on": "2026-11-16",
                    "left_on": "2026-11-23",
                    "destination": "home",
                    "family_name": "Exemple",
                    "given_name": "Camille",
                    "birth_date": "1957-03-14",
                }
            ]
        },
    )

    number: str = Field(
        pattern=r"^[\x21-\x7e]{1,64}$", description="The stay's own id at the hospital; kept as a digest"
    )
    kind: StayKind
    motive: Code = Field(description="A motive of hospital.yaml")
    entry: Entry | None = Field(default=None, description="Of a stay: direct, or through the emergency department")
    arrived_on: date
    left_on: date | None = Field(default=None, description="Null while the patient is there")
    destination: Code | None = Field(default=None, description="Of who left: a destination of hospital.yaml")
    cancelled: bool = Field(default=False, description="It was told by mistake")
    family_name: _Name = Field(description="Birth name (*nom de naissance*)")
    given_name: _Name = Field(description="First birth name")
    birth_date: date
    ins: str | None = Field(default=None, pattern=r"^[0-9AB]{15}$", description="*Matricule INS*")
    identity_status: IdentityStatus = "provisional"

    def faults(self, rules: Hospital, today: date) -> Iterator[tuple[str, str, str]]:
        """(field, code, what to do) for what does not fit together."""
        if self.motive not in rules.motives:
            yield "motive", "code_unknown", f"One of {', '.join(rules.motives)}"
        if self.destination is not None and self.destination not in rules.destinations:
            yield "destination", "code_unknown", f"One of {', '.join(rules.destinations)}"
        if (self.kind == "stay") is (self.entry is None):
            yield "entry", "entry_misplaced", "A stay has one (direct or ed), an emergency visit none"
        if (self.left_on is None) is not (self.destination is None):
            yield "destination", "destination_misplaced", "Who left has one, who is there none"
        yield from self._days(today)
        if self.ins is not None and (self.identity_status not in WITH_INS or not looks_like_ins(self.ins)):
            yield "ins", "ins_malformed", "Of a retrieved or qualified identity, with a key that holds"

    def _days(self, today: date) -> Iterator[tuple[str, str, str]]:
        if not today - _OLDEST <= self.arrived_on <= today:
            yield "arrived_on", "day_implausible", "A day of the last three years"
        if self.left_on is not None and self.left_on < self.arrived_on:
            yield "left_on", "dates_out_of_order", "The patient leaves after coming"
        if self.left_on is not None and self.left_on > today:
            yield "left_on", "day_in_future", "A discharge is told once it took place"
        if self.birth_date > self.arrived_on:
            yield "birth_date", "dates_out_of_order", "The patient comes after being born"


@dataclass(frozen=True)
class Days:
    """The days of one stay. `home`: it ended where the patient lives."""

    id: UUID
    arrived_on: date
    left_on: date | None
    home: bool


def readmissions(stays: Iterable[Days], within_days: int) -> dict[UUID, bool]:
    """By stay of one patient, whether it began within so many days after another one ended (*réhospitalisation*)."""
    stays = list(stays)
    return {it.id: any(_again(it, other, within_days) for other in stays) for it in stays}


def _again(stay: Days, other: Days, within_days: int) -> bool:
    if other.left_on is None or not other.home or other.arrived_on >= stay.arrived_on:
        return False
    return 0 <= (stay.arrived_on - other.left_on).days <= within_days


def latest_discharge(
    stays: Iterable[Mapping[str, Any]], since: date, going_home: Collection[str]
) -> Mapping[str, Any] | None:
    """The stay that ended last, at home, on or after a day."""
    ended = [it for it in stays if it["left_on"] and it["left_on"] >= since and it["destination"] in going_home]
    return max(ended, key=lambda it: it["left_on"], default=None)


def is_there(stays: Iterable[Mapping[str, Any]], since: date) -> bool:
    """Whether the patient is at the hospital by a stay that began on or after a day."""
    return any(it["left_on"] is None and it["arrived_on"] >= since for it in stays)
