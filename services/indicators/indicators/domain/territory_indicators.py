"""What a territory says of the common catalogue: targets, baselines, what it does not follow; and its context."""

from pydantic import BaseModel, ConfigDict, Field

from indicators.domain.campaigns import CampaignName
from indicators.domain.catalogue import Catalogue, Indicator, Periodicity, Trend
from indicators.domain.context import Context
from indicators.domain.goals import Baseline, Target


class BadStatementError(ValueError):
    """A territory says what cannot be; the message begins with the field."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Own(_Part):
    """What a territory says of one indicator; what it does not say is as in the common catalogue."""

    not_followed: str | None = Field(default=None, min_length=1, max_length=300)
    expected_trend: Trend | None = None
    stable_within_percent: float | None = Field(default=None, gt=0, le=100)
    periods: tuple[Periodicity, ...] | None = Field(default=None, min_length=1)
    campaign: CampaignName | None = None
    target: Target | None = None
    baseline: Baseline | None = None


class TerritoryIndicators(_Part):
    """`indicators.yaml` of a territory. `context`: figures that describe it, by their code."""

    version: int = Field(ge=1)
    indicators: dict[str, Own] = {}
    context: dict[str, Baseline] = {}


def own_catalogue(common: Catalogue, own: TerritoryIndicators) -> Catalogue:
    """The catalogue as the territory follows it. Raises BadStatementError."""
    if unknown := sorted(own.indicators.keys() - {indicator.id for indicator in common.indicators}):
        raise BadStatementError(f"indicators.{unknown[0]}: the catalogue has no such indicator")
    found = (_changed(it, own.indicators[it.id]) if it.id in own.indicators else it for it in common.indicators)
    return common.model_copy(update={"indicators": tuple(found)})


def check_context(context: Context, own: TerritoryIndicators) -> None:
    """Raises BadStatementError for a figure that the common list of context figures does not have."""
    if unknown := sorted(own.context.keys() - {it.id for it in context.figures}):
        raise BadStatementError(f"context.{unknown[0]}: there is no such context figure")


def _changed(indicator: Indicator, own: Own) -> Indicator:
    said = own.model_dump(exclude_none=True, exclude={"target", "baseline"})
    for name in ("target", "baseline"):
        if (goal := getattr(own, name)) is not None:
            _check(indicator, name, goal)
            said[name] = goal
    if "expected_trend" in said and said["expected_trend"] != "stable":
        said["stable_within_percent"] = None
    elif said.get("expected_trend") == "stable" and own.stable_within_percent is None:
        raise BadStatementError(f"indicators.{indicator.id}.stable_within_percent: say how stable")
    if "periods" in said or "campaign" in said:
        said["campaign"] = _campaign(indicator, own)
    return indicator.model_copy(update=said)


def _campaign(indicator: Indicator, own: Own) -> str | None:
    """That of a figure which is reported by campaign; of no other one may be said."""
    by_campaign = "campaign" in (own.periods or indicator.periods)
    campaign = own.campaign or (indicator.campaign if by_campaign else None)
    if by_campaign is (campaign is None):
        raise BadStatementError(
            f"indicators.{indicator.id}.campaign: of a figure that is reported by campaign, no other"
        )
    return campaign


def _check(indicator: Indicator, name: str, goal: Target | Baseline) -> None:
    """A percentage and a score go from 0 to 100; a count says of what kind of period it is."""
    field = f"indicators.{indicator.id}.{name}"
    if indicator.unit == "count" and "period" not in goal.model_fields_set:
        raise BadStatementError(f"{field}.period: say of what period the number is, or any")
    if goal.value < 0 or (indicator.unit != "count" and goal.value > 100):
        raise BadStatementError(f"{field}.value: {goal.value} is no {indicator.unit}")
