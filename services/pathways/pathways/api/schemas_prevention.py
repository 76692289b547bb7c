"""What the routes on prevention campaigns, synthesis sheets and expert patients take and answer."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pathways.api.fields import Body, Code, Line
from pathways.usecases.keep_experts import EndReason, ExpertKind
from pathways.usecases.run_prevention import CampaignView, Channel, EntryKind

SheetState = Literal["draft", "published", "withdrawn"]
SheetBody = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")
]
People = Annotated[int, Field(ge=1, le=1_000_000)]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class CampaignIn(Body):
    """A prevention campaign: aimed at whom, from when to when."""

    model_config = _example(
        kind="colorectal-screening",
        title="Mars bleu",
        aimed_at="Habitants de 50 à 74 ans non dépistés depuis deux ans",
        population=9500,
        population_source="Assurance maladie, 2026",
        opens_on="2026-11-01",
        closes_on="2026-12-31",
    )

    kind: Code = Field(description="See /v1/activity-codes")
    title: Line
    aimed_at: Line
    population: People | None = Field(default=None, description="How many; null when not known")
    population_source: Line | None = None
    opens_on: date
    closes_on: date


class CampaignOut(BaseModel):
    """A campaign with its totals. `rate` is participation in percent of the population; null when that is not known."""

    id: UUID
    kind: str
    title: str
    aimed_at: str
    population: int | None
    population_source: str | None
    opens_on: date
    closes_on: date
    closed_at: datetime | None
    codes_version: str
    version: int
    invited: int
    took_part: int
    rate: float | None


class CountIn(Body):
    """How many were invited, or took part."""

    model_config = _example(kind="invited", day="2026-11-20", channel="letter", people=1200)

    kind: EntryKind
    day: date
    channel: Channel = "other"
    people: People


class CountOut(BaseModel):
    """An entry of a campaign."""

    id: UUID
    kind: EntryKind
    day: date
    channel: Channel
    people: int
    withdrawn_at: datetime | None
    changed_at: datetime


class SheetTextIn(Body):
    """The text of a synthesis sheet (Markdown). The topic follows from the theme when only that is given."""

    model_config = _example(
        title="Signes d'alerte de l'insuffisance cardiaque",
        theme="warning-signs",
        body="Une prise de poids de 2 kg en 3 jours : appeler.",
    )

    title: Line
    topic: Code | None = None
    theme: Code | None = None
    body: SheetBody


class SheetOut(BaseModel):
    """A sheet. `number` is its published version, 0 before the first."""

    id: UUID
    title: str
    topic: str | None
    theme: str | None
    state: SheetState
    number: int
    version: int
    changed_at: datetime


class PublishedSheetOut(BaseModel):
    """A published version."""

    sheet_id: UUID
    number: int
    title: str
    body: str
    changed_at: datetime


class VisitsOut(BaseModel):
    """Visits between two days: of the list of sheets, and of each sheet by its id."""

    space: int
    sheets: dict[str, int]


class ExpertIn(Body):
    """What the patient agreed to be, on which topic."""

    model_config = _example(role="expert", topic="diabetes")

    role: ExpertKind
    topic: Code | None = None


class EndIn(Body):
    """Why it ends."""

    model_config = _example(reason="patient_wish")

    reason: EndReason


class ExpertOut(BaseModel):
    """A patient who is *référent* or *expert*."""

    id: UUID
    patient_id: UUID
    role: ExpertKind
    topic: str | None
    ended_at: datetime | None
    end_reason: str | None
    version: int


def campaign_out(view: CampaignView) -> CampaignOut:
    """A campaign and its totals."""
    totals = {"invited": view.invited, "took_part": view.took_part, "rate": view.rate}
    return CampaignOut.model_validate(dict(view.row) | totals)
