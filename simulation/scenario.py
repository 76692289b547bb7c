"""What a scenario says (`scenarios/*.yaml`). Assumptions and their sources: docs/simulation.md."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kit.territories import load_yaml

FOLDER = Path(__file__).parent / "scenarios"
Share = Annotated[float, Field(ge=0, le=1)]


class Level(BaseModel):
    """Calls of one level of the FRENCH scale: how many of all, and within how many hours they must be seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: Share
    priority: int = Field(ge=0, description="As the dispatch ranks it: 0 is the most urgent")
    deadline_hours: float = Field(gt=0, le=48)


class Scenario(BaseModel):
    """A few weeks of a territory. Shares are probabilities, drawn for each practitioner, slot or call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    territory: str = "pays-de-redon"
    days: int = Field(ge=7, le=60)
    warm_up_days: int = Field(default=2, description="Not measured: the town is empty when the play begins")
    practitioners: int = Field(ge=1, description="General practitioners who open slots")
    all_practitioners: int = Field(ge=1, description="General practitioners of the territory")
    slots_per_weekday: int = Field(ge=1, le=20, description="Of each practitioner")
    slots_per_saturday: int = Field(ge=0, le=10, description="Of those who open on Saturday morning")
    saturday_share: Share
    same_day_share: Share = Field(description="Slots that are opened at 8 on their day, not three days before")
    video_share: Share
    calls_per_day: float = Field(gt=0, description="Of an ordinary Tuesday to Thursday")
    season: tuple[tuple[float, float], ...] = Field(
        min_length=1, description="(day, factor) points of the arrivals, straight lines between"
    )
    weekdays: tuple[float, ...] = Field(min_length=7, max_length=7, description="Factor by weekday, Monday first")
    hours: tuple[float, ...] = Field(min_length=24, max_length=24, description="Weight of each hour of a day")
    levels: tuple[Level, ...] = Field(min_length=1)
    origins: dict[str, Share]
    radii_km: dict[float, Share] = Field(description="How far patients can go")
    video_accepted: Share
    with_regular_doctor: Share
    agrees: Share = Field(description="Patients who take the visit that is offered")
    hold_minutes: float = Field(gt=0, description="Mean time between offer and answer")
    travel_minutes: float = Field(ge=0, description="Between the call and the start of the visit, at least")
    cancels: Share = Field(description="Patients who cancel at some moment before the visit")
    ill: Share = Field(default=0, description="Practitioners who fall ill once in the period")
    ill_days: int = Field(default=4, ge=1)
    batch_minutes: float = Field(default=15, gt=0, description="How long calls wait for a joint assignment at most")


def load(name: str) -> Scenario:
    """The scenario of this name. Raises BadFileError."""
    return load_yaml(FOLDER / f"{name}.yaml", Scenario)


def names() -> list[str]:
    """All scenarios."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))
