"""What an export says: the figures of a period by axis of the project, each with what it takes to judge it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from indicators.domain.catalogue import Indicator, Periodicity
from indicators.domain.exports import Dhis2Codes, What
from indicators.domain.figures import Figure, Status, Tally
from indicators.domain.periods import Period

Number = int | float
TITLES: dict[What, str] = {
    "quarterly_dashboard": "Tableau de bord trimestriel",
    "half_yearly_report": "Rapport semestriel",
    "annual_report": "Rapport annuel",
    "campaign_report": "Bilan de campagne",
}
PROVISIONAL = "PROVISOIRE, chiffres non approuvés"
_TOLD: dict[What, frozenset[Periodicity]] = {
    "quarterly_dashboard": frozenset({"quarterly"}),
    "half_yearly_report": frozenset({"quarterly", "half_yearly"}),
    "annual_report": frozenset({"quarterly", "half_yearly", "annual", "campaign"}),
    "campaign_report": frozenset({"campaign"}),
}


class Axis(BaseModel):
    """One axis of the project document (*axe*), with its indicators in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,10}$")]
    label_fr: str = Field(min_length=2, max_length=80)
    indicators: tuple[str, ...] = Field(min_length=1)


class Axes(BaseModel):
    """`deploy/indicators/axes.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)
    axes: tuple[Axis, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_each_once(self) -> "Axes":
        ids = [it for axis in self.axes for it in axis.indicators]
        if twice := sorted({it for it in ids if ids.count(it) > 1}):
            raise ValueError(f"on two axes: {', '.join(twice)}")
        codes = [axis.code for axis in self.axes]
        if len(set(codes)) != len(codes):
            raise ValueError("two axes have one code")
        return self


@dataclass(frozen=True)
class Elsewhere:
    """The same figure of a region or of France."""

    area: str
    value: Number


@dataclass(frozen=True)
class Row:
    """One indicator in the period. `value` is None where it is masked, has no source, or is of nothing.

    `before` is the value of the period before; `evidence` counts the events that prove the figure, None where it is no
    count of events. `breakdown` is by field, then by code; what is shown beside the figure stands under `apart`.
    """

    indicator: Indicator
    status: Status
    value: Number | None
    numerator: int | None = None
    denominator: int | None = None
    breakdown: dict[str, dict[str, int]] = field(default_factory=dict)
    origin: str | None = None
    masked: bool = False
    interval: tuple[float, float] | None = None
    judged: str | None = None
    before: Number | None = None
    elsewhere: tuple[Elsewhere, ...] = ()
    evidence: int | None = None
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """The rows of one axis."""

    axis: Axis
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Report:
    """Everything that a format writes; nothing is looked up after it is made.

    Nothing is `before` a first campaign. `provisional`: nobody has approved it.
    """

    territory: str
    territory_name: str
    recipient: str | None
    what: What
    period: Period
    before: Period | None
    written_at: datetime
    catalogue_version: int
    parts: tuple[Part, ...]
    codes: Dhis2Codes
    provisional: bool = False

    @property
    def title(self) -> str:
        """What stands on every page: also that nobody has approved the figures."""
        return f"{TITLES[self.what]} {self.period.id}" + (f" – {PROVISIONAL}" if self.provisional else "")

    @property
    def rows(self) -> tuple[Row, ...]:
        """Of every axis, in order."""
        return tuple(row for part in self.parts for row in part.rows)


def told(what: What, indicators: Sequence[Indicator], period: Period) -> list[Indicator]:
    """The indicators that a report of this kind tells, by the periods that the catalogue gives them.

    That of a campaign tells those of this campaign.
    """
    found = [it for it in indicators if _TOLD[what] & set(it.periods)]
    if period.campaign is None:
        return found
    return [it for it in found if it.campaign == period.campaign.name]


def row_of(figure: Figure, before: Figure | None, evidence: int | None) -> Row:
    """The figure as it is exported. What is masked leaves with no number from which it could be derived.

    A figure may have a value and hidden parts: these are left out, and `masked` says so.
    """
    if figure.status == "masked":
        return Row(figure.indicator, "masked", None, origin=figure.origin, masked=True, gaps=figure.gaps)
    tally, interval, trend, baseline = figure.tally, figure.interval, figure.trend, figure.baseline
    return Row(
        indicator=figure.indicator,
        status=figure.status,
        value=figure.value,
        numerator=tally.numerator if tally else None,
        denominator=tally.denominator if tally else None,
        breakdown=_parts(tally) if tally else {},
        origin=figure.origin,
        masked=figure.masked,
        interval=(interval.low, interval.high) if interval else None,
        judged=trend.judged if trend else None,
        before=before.value if before else None,
        elsewhere=tuple(Elsewhere(it.area, it.value) for it in baseline.references) if baseline else (),
        evidence=evidence,
        gaps=figure.gaps,
    )


def _parts(tally: Tally) -> dict[str, dict[str, int]]:
    parts = {**tally.breakdown, **({"apart": tally.apart} if tally.apart else {})}
    return {name: {code: it for code, it in codes.items() if it is not None} for name, codes in parts.items()}


def by_axis(axes: Axes, rows: Sequence[Row]) -> tuple[Part, ...]:
    """The rows on their axes, in the order of the axes; an axis without rows is left out."""
    known = {row.indicator.id: row for row in rows}
    parts = (Part(axis, tuple(known[it] for it in axis.indicators if it in known)) for axis in axes.axes)
    return tuple(part for part in parts if part.rows)
