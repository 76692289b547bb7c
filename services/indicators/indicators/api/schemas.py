"""What the API answers. Instants carry their offset; `value` is null, never 0, when it is not known."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from indicators.domain.catalogue import Feed, Indicator, Periodicity, Trend, Unit
from indicators.domain.figures import Approval, Figure, Gap, Origin, Reason, Status
from indicators.domain.goals import Baseline, Target
from indicators.domain.intervals import Interval
from indicators.domain.periods import Period, PeriodKind
from indicators.domain.told import Provenance
from indicators.domain.trends import Judgement
from indicators.store.evidence import CountedUnit, Proof
from kit.pagination import Page


class IndicatorOut(BaseModel):
    """One indicator of the catalogue."""

    id: str = Field(examples=["I-08"])
    label_fr: str = Field(examples=["Nombre de créneaux SNP mis à disposition"])
    label_en: str = Field(examples=["Slots of unscheduled care made available"])
    definition_fr: str
    definition_version: int
    unit: Unit
    expected_trend: Trend
    periods: tuple[Periodicity, ...]
    campaign: str | None = Field(description="The campaign in whose periods it is reported: 2026-<campaign>")
    source: Literal["fed", "no_source"] = Field(description="`no_source`: nothing feeds it yet, its value is unknown")
    awaits: Feed | None = Field(description="What would feed it, while it has no source")
    imported_from: list[str] = Field(description="Sources whose files may tell it, the most believed first")
    target: Target | None = Field(description="What the territory wants to reach")
    baseline: Baseline | None = Field(description="From where it started, and what it was in the region and in France")
    not_followed: str | None = Field(description="Why the territory does not follow it; null when it does")

    @classmethod
    def of(cls, indicator: Indicator) -> "IndicatorOut":
        return cls(
            id=indicator.id,
            label_fr=indicator.label_fr,
            label_en=indicator.label_en,
            definition_fr=indicator.definition_fr,
            definition_version=indicator.definition_version,
            unit=indicator.unit,
            expected_trend=indicator.expected_trend,
            periods=indicator.periods,
            campaign=indicator.campaign,
            source="fed" if indicator.is_fed else "no_source",
            awaits=indicator.awaits,
            imported_from=[source.id for source in indicator.imported_from],
            target=indicator.target,
            baseline=indicator.baseline,
            not_followed=indicator.not_followed,
        )


class PeriodOut(BaseModel):
    """A period of the calendar, or a campaign; midnights are those of Europe/Paris. `to`: the first instant after."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    id: str = Field(examples=["2026-Q4"])
    kind: PeriodKind
    start: datetime = Field(alias="from", examples=["2026-10-01T00:00:00+02:00"])
    end: datetime = Field(alias="to", examples=["2027-01-01T00:00:00+01:00"])

    @classmethod
    def of(cls, period: Period) -> "PeriodOut":
        return cls(id=period.id, kind=period.kind, start=period.start, end=period.end)


class Freshness(BaseModel):
    """`as_of`: when the newest fact that could move the figure happened (null: there is none yet)."""

    as_of: datetime | None
    computed_at: datetime


class ApartOut(BaseModel):
    """A part of the figure, shown beside it."""

    code: str = Field(examples=["ed_redirections"])
    label_fr: str
    value: int | None = Field(description="Null: hidden, see `masked`")


class FigureOut(BaseModel):
    """One indicator in one period of the caller's territory, with what it takes to judge it."""

    id: str = Field(examples=["I-10"])
    label_fr: str = Field(examples=["Taux d'occupation des créneaux SNP"])
    label_en: str
    definition_version: int
    period: PeriodOut
    territory: str = Field(examples=["pays-de-redon"])
    unit: Unit
    expected_trend: Trend
    status: Status
    reason: Reason | None = Field(description="Why there is no value")
    numerator: int | None = Field(examples=[12])
    denominator: int | None = Field(description="Null for a count", examples=[40])
    value: float | int | None = Field(description="In the unit: a percentage has two decimals", examples=[30.0])
    breakdown: dict[str, dict[str, int | None]] = Field(
        description="The numerator by field, then by code; null is hidden",
        examples=[{"origin": {"ed": 3, "single_number": 12}}],
    )
    apart: list[ApartOut]
    freshness: Freshness
    complete: bool = Field(description="The period is over and no fact is known to be missing")
    incomplete_because: list[Gap]
    origin: Origin | None = Field(description="Who says it: counted events, an imported file, or somebody by hand")
    interval: Interval | None = Field(description="95 % confidence interval of a rate (Wilson), in percent")
    trend: Judgement | None = Field(description="The expected arrow against what became of it; null without a value")
    target: Target | None = Field(description="What the territory wants to reach")
    baseline: Baseline | None = Field(description="From where it started, and what it was in the region and in France")
    masked: bool = Field(description="A small number is hidden, or one that would tell it: it is not zero")
    provenance: list[Provenance] = Field(description="Of a figure that is imported or entered: the files or the entry")
    approval: Approval | None = Field(description="Null: computed now, approved by nobody")

    @classmethod
    def of(cls, figure: Figure) -> "FigureOut":
        indicator, tally = figure.indicator, figure.tally
        apart = [
            ApartOut(code=item.code, label_fr=item.label_fr, value=tally.apart[item.code])
            for item in indicator.apart
            if tally
        ]
        return cls(
            id=indicator.id,
            label_fr=indicator.label_fr,
            label_en=indicator.label_en,
            definition_version=indicator.definition_version,
            period=PeriodOut.of(figure.period),
            territory=figure.territory,
            unit=indicator.unit,
            expected_trend=indicator.expected_trend,
            status=figure.status,
            reason=figure.reason,
            numerator=tally.numerator if tally else None,
            denominator=tally.denominator if tally else None,
            value=figure.value,
            breakdown={name: dict(parts) for name, parts in tally.breakdown.items()} if tally else {},
            apart=apart,
            freshness=Freshness(as_of=figure.as_of, computed_at=figure.computed_at),
            complete=figure.complete,
            incomplete_because=list(figure.gaps),
            origin=figure.origin,
            interval=figure.interval,
            trend=figure.trend,
            target=figure.target,
            baseline=figure.baseline,
            masked=figure.masked,
            provenance=list(figure.provenance),
            approval=figure.approval,
        )


class FactOut(BaseModel):
    """One event behind a figure."""

    event_id: UUID
    type: str = Field(examples=["fr.cpts.snp-dispatch.slot.published.v1"])
    time: datetime = Field(description="When it happened, by the clock of the service that told it")
    arrived_at: datetime
    subject: str = Field(description="Id of the aggregate that changed")
    aggregate_version: int
    slot_id: UUID | None
    call_id: UUID | None
    booking_id: UUID | None

    @classmethod
    def of(cls, proof: Proof) -> "FactOut":
        return cls(
            event_id=proof.event_id,
            type=proof.type,
            time=proof.occurred_at,
            arrived_at=proof.arrived_at,
            subject=proof.subject,
            aggregate_version=proof.version,
            slot_id=proof.slot_id,
            call_id=proof.call_id,
            booking_id=proof.booking_id,
        )


class EvidenceOut(BaseModel):
    """One counted thing (a slot, a call, an effector) and the newest facts that prove it, at most ten."""

    unit: str = Field(examples=["professional:99000000016"])
    facts_total: int
    facts: list[FactOut]

    @classmethod
    def of(cls, counted: CountedUnit) -> "EvidenceOut":
        return cls(unit=counted.unit, facts_total=counted.facts, facts=[FactOut.of(proof) for proof in counted.newest])


class EvidencePage(Page[EvidenceOut]):
    """`total` is the number of counted things on all pages: the numerator, or the denominator, of the figure."""

    total: int


class FigurePage(BaseModel):
    """The figures of a period."""

    period: PeriodOut
    territory: str
    items: list[FigureOut]
    next: Annotated[None, Field(description="Always null: there is one page")] = None


class RebuildOut(BaseModel):
    """A run of the projections over all facts. `identical`: no row had drifted, so no figure moved."""

    id: UUID
    state: Literal["waiting", "done"]
    requested_at: datetime
    finished_at: datetime | None
    facts: int | None = Field(description="Facts that were read")
    changed: int | None = Field(description="Rows that had drifted and were put right")
    identical: bool | None

    @classmethod
    def of(cls, rebuild: Mapping[str, Any]) -> "RebuildOut":
        return cls(
            id=rebuild["id"],
            state="waiting" if rebuild["finished_at"] is None else "done",
            requested_at=rebuild["requested_at"],
            finished_at=rebuild["finished_at"],
            facts=rebuild["facts"],
            changed=rebuild["changed"],
            identical=None if rebuild["changed"] is None else rebuild["changed"] == 0,
        )
