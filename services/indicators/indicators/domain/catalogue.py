"""The catalogue of indicators as data: what each one is called, counts and is made of."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from indicators.domain.campaigns import CampaignName, Campaigns
from indicators.domain.goals import Baseline, Target
from indicators.domain.periods import Period, parse_period
from indicators.domain.sources import SOURCES
from indicators.domain.told import ImportSource
from indicators.domain.zones import PARIS

Unit = Literal["count", "percent", "score"]
Trend = Literal["up", "down", "stable"]
Periodicity = Literal["quarterly", "half_yearly", "annual", "campaign"]
Feed = Literal[
    "external_import",
    "directory",
    "pathways",
    "sessions",
    "surveys",
    "documents",
    "internships",
    "crises",
    "tele_expertise",
]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Count(_Part):
    """How many distinct `count` there are in the source `of`, where every named field has one of its codes."""

    count: str
    of: str
    where: dict[str, tuple[Code, ...] | bool] = {}
    by: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _speaks_the_language(self) -> "Count":
        source = SOURCES.get(self.of)
        if source is None:
            raise ValueError(f"unknown source {self.of!r}; known: {', '.join(SOURCES)}")
        if self.count not in source.units:
            raise ValueError(f"{self.of} have no {self.count!r} to count; known: {', '.join(sorted(source.units))}")
        unknown = [name for name in (*self.where, *self.by) if name not in source.fields]
        if unknown:
            raise ValueError(f"{self.of} have no field {unknown[0]!r}; known: {', '.join(sorted(source.fields))}")
        for name, wanted in self.where.items():
            is_flag = source.fields[name].kind == "flag"
            if isinstance(wanted, bool) is not is_flag:
                raise ValueError(f"{name} takes {'true or false' if is_flag else 'a list of codes'}")
        if many := [name for name in self.by if source.fields[name].kind == "codes"]:
            raise ValueError(f"{many[0]} has several codes a row: its parts would not add up")
        return self

    @property
    def proofs(self) -> tuple[str, ...]:
        """Kinds of the facts that prove one counted row."""
        source = SOURCES[self.of]
        fields = (proof for name, wanted in self.where.items() if wanted for proof in source.fields[name].proofs)
        return tuple(dict.fromkeys((*source.proofs, *fields)))


class Apart(_Part):
    """A part of the figure that its readers want to see beside it."""

    code: Code
    label_fr: str
    count: Count


class Indicator(_Part):
    """One indicator. Without a numerator no event feeds it: its figure is imported, entered, or unknown, never zero.

    `counts: patients` says that its numbers are of patients: small ones are hidden in what is published.
    `stable_within_percent`: how far a figure that should stay stable may be from what it is compared with. `campaign`:
    the one in whose periods it is reported. `target`, `baseline` and `not_followed` (why not) are those of a territory;
    `imported_from` follows from the templates.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[IN]-[0-9]{2}$")]
    label_fr: str
    label_en: str
    definition_fr: str
    definition_version: int = Field(ge=1)
    counts: Literal["patients"] | None = None
    unit: Unit
    expected_trend: Trend
    periods: tuple[Periodicity, ...] = Field(min_length=1)
    campaign: CampaignName | None = None
    awaits: Feed | None = None
    numerator: Count | None = None
    denominator: Count | None = None
    apart: tuple[Apart, ...] = ()
    stable_within_percent: float | None = Field(default=None, gt=0, le=100)
    target: Target | None = None
    baseline: Baseline | None = None
    not_followed: str | None = None
    imported_from: tuple[ImportSource, ...] = ()

    @property
    def is_fed(self) -> bool:
        """Whether its figure can be computed."""
        return self.numerator is not None

    @property
    def counts_patients(self) -> bool:
        """Whether small numbers of it are about few patients."""
        return self.counts == "patients"

    @property
    def sources(self) -> frozenset[str]:
        """The sources that its figure is counted from."""
        counts = (self.numerator, self.denominator, *(item.count for item in self.apart))
        return frozenset(count.of for count in counts if count is not None)

    @model_validator(mode="after")
    def _is_whole(self) -> "Indicator":
        if self.is_fed is (self.awaits is not None):
            raise ValueError("say either what is counted (numerator) or what is awaited (awaits)")
        if self.is_fed and (self.unit != "count") is not (self.denominator is not None):
            raise ValueError("a percentage has a denominator, and a score (how many answers); a count has none")
        if not self.is_fed and (self.denominator or self.apart):
            raise ValueError("nothing can be counted without a numerator")
        if (self.expected_trend == "stable") is (self.stable_within_percent is None):
            raise ValueError("say within which percentage (stable_within_percent) a stable figure stays, of no other")
        if ("campaign" in self.periods) is (self.campaign is None):
            raise ValueError("name the campaign of a figure that is reported by campaign, of no other")
        return self


class Catalogue(_Part):
    """The indicators of a deployment, in the order of the project document, and the calendar of their periods.

    `campaigns` are those of the territory that follows it; the common catalogue has none. `timezone` says in the file
    where days begin; facts that tell a day are read in the same.
    """

    version: int = Field(ge=1)
    timezone: Literal["Europe/Paris"]
    indicators: tuple[Indicator, ...]
    campaigns: Campaigns = Campaigns()

    @model_validator(mode="after")
    def _names_each_once(self) -> "Catalogue":
        ids = [indicator.id for indicator in self.indicators]
        twice = sorted({item for item in ids if ids.count(item) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return PARIS

    def period(self, text: str) -> Period:
        """The period that `text` names, of the calendar or a campaign. Raises BadPeriodError."""
        return parse_period(text, self.zone, self.campaigns)

    def find(self, indicator_id: str) -> Indicator | None:
        """The indicator of that id, or None."""
        return next((indicator for indicator in self.indicators if indicator.id == indicator_id), None)

    @property
    def followed(self) -> tuple[Indicator, ...]:
        """Those that the territory follows."""
        return tuple(indicator for indicator in self.indicators if indicator.not_followed is None)
