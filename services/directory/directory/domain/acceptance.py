"""Who accepts new patients (*accepte de nouveaux patients*): what may be said, how long it holds, who is asked."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Source = Literal["self", "coordinator", "phone", "link"]
"""Who said it: the professional in person, a coordinator, a coordinator who phoned, the link of a campaign."""

LONGEST_DAYS = 366
"""Nobody can tell for more than a year ahead whom they will accept."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AcceptanceRules(_Part):
    """What a territory asks, of whom, and how it follows up. `reminder_days` count from the opening."""

    question: str = Field(min_length=1, max_length=300)
    specialties: tuple[Code, ...] = Field(min_length=1)
    modes: frozenset[str]
    sectors: frozenset[str] = frozenset()
    patients: tuple[Code, ...]
    reminder_days: tuple[Annotated[int, Field(ge=1, le=90)], ...]
    holds_days: int = Field(ge=1, le=LONGEST_DAYS)
    publication_day: int | None = Field(default=None, ge=1, le=90)

    @model_validator(mode="after")
    def _reminders_go_forward(self) -> Self:
        if list(self.reminder_days) != sorted(set(self.reminder_days)):
            raise ValueError("reminder_days: each later than the one before")
        return self


class AcceptanceFile(_Part):
    """`deploy/reference/acceptance.yaml`: codes of patients with their labels, and the rules by default."""

    version: str = Field(max_length=40)
    patients: dict[Code, str]
    default: AcceptanceRules

    @model_validator(mode="after")
    def _codes_are_known(self) -> Self:
        unknown = set(self.default.patients) - self.patients.keys()
        if unknown:
            raise ValueError(f"default.patients: unknown codes {', '.join(sorted(unknown))}")
        return self


class TerritoryAcceptance(_Part):
    """`deploy/territories/<slug>/acceptance.yaml`: what differs here from the default."""

    version: str = Field(max_length=40)
    question: str | None = Field(default=None, min_length=1, max_length=300)
    specialties: tuple[Code, ...] | None = None
    modes: frozenset[str] | None = None
    sectors: frozenset[str] | None = None
    patients: tuple[Code, ...] | None = None
    reminder_days: tuple[int, ...] | None = None
    holds_days: int | None = None
    publication_day: int | None = None


class Rules(_Part):
    """The rules in force on a territory, with the versions of both files that they come from."""

    version: str
    labels: dict[Code, str]
    asked: AcceptanceRules


def rules_of(file: AcceptanceFile, own: TerritoryAcceptance | None) -> Rules:
    """What the territory says over what the reference says. Raises ValueError for codes that the reference lacks."""
    said = own.model_dump(exclude_unset=True, exclude={"version"}) if own else {}
    asked = AcceptanceRules.model_validate(file.default.model_dump() | said)
    unknown = set(asked.patients) - file.patients.keys()
    if unknown:
        raise ValueError(f"patients: unknown codes {', '.join(sorted(unknown))}")
    version = f"{file.version}+{own.version}" if own else file.version
    return Rules(version=version, labels={code: file.patients[code] for code in asked.patients}, asked=asked)
