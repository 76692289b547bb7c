"""Rebuild everything from the first event on, beside what is served, and compare all figures."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from indicators.domain.campaigns import Campaigns
from indicators.domain.catalogue import Catalogue
from indicators.domain.facts import Fact
from indicators.domain.figures import Tally
from indicators.domain.periods import Period, campaign_period, parse_period
from indicators.store import facts, projections, replay
from indicators.usecases.compute_figures import compute_figures
from kit.work import Work


@dataclass(frozen=True)
class Difference:
    """A figure that comes out otherwise when it is rebuilt."""

    territory: str
    indicator_id: str
    period_id: str
    served: Tally
    rebuilt: Tally


@dataclass
class Comparison:
    """What came out. `lost` events stand in the streams and are no facts; `expired` facts left the streams."""

    facts: int = 0
    figures: int = 0
    lost: list[UUID] = field(default_factory=list)
    expired: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        return not self.lost and not self.differences


@dataclass(frozen=True)
class Told:
    """An event out of a stream. `due`: old enough that it must have been consumed by now."""

    fact: Fact
    due: bool


async def begin_comparison(work: Work) -> None:
    """Fixes what is served from here on. Streams are read after this."""
    await replay.begin(work)


async def compare_streams(
    work: Work, catalogue: Catalogue, campaigns: Mapping[str, Campaigns], batches: AsyncIterator[Sequence[Told]]
) -> Comparison:
    """Fills fresh tables from `batches` and compares every computed figure of every period that has facts.

    Also of the campaigns that each territory has around these.
    """
    result = Comparison()
    async for batch in batches:
        await _keep(work, batch, result)
    await replay.settle(work)
    result.expired = await replay.missing(work)
    for territory in await replay.territories(work):
        await replay.look_at_fresh(work)
        for projection in projections.ALL:
            await projections.derive_all(work, projection, territory)
    await replay.settle(work)
    quarters = await replay.quarters(work, catalogue.timezone)
    periods = _periods(quarters, catalogue)
    for territory in await replay.territories(work):
        own = _campaigns(campaigns.get(territory, Campaigns()), quarters, catalogue)
        await _compare(work, catalogue, territory, [*periods, *own], result)
    return result


async def _keep(work: Work, batch: Sequence[Told], result: Comparison) -> None:
    """An event that came after the comparison began and is no fact yet is not counted on either side."""
    await replay.look_at_kept(work)
    known = await facts.known(work, [told.fact for told in batch])
    result.lost += [told.fact.event_id for told in batch if told.due and told.fact.event_id not in known]
    wanted = [told.fact for told in batch if told.due or told.fact.event_id in known]
    if wanted:
        await replay.look_at_fresh(work)
        result.facts += await facts.add(work, wanted, arrived_at=work.now)


async def _compare(
    work: Work, catalogue: Catalogue, territory: str, periods: Iterable[Period], result: Comparison
) -> None:
    fed = [indicator for indicator in catalogue.indicators if indicator.is_fed]
    work.territory = territory
    for period in periods:
        await replay.look_at_kept(work)
        served = await compute_figures(work, fed, period)
        await replay.look_at_fresh(work)
        rebuilt = await compute_figures(work, fed, period)
        result.figures += len(fed)
        for left, right in zip(served, rebuilt, strict=True):
            if left.tally and right.tally and left.tally != right.tally:
                result.differences.append(Difference(territory, left.indicator.id, period.id, left.tally, right.tally))


def _periods(quarters: Sequence[str], catalogue: Catalogue) -> list[Period]:
    """These quarters, and the half-years and years around them."""
    halves = {f"{name[:4]}-H{(int(name[-1]) + 1) // 2}" for name in quarters}
    years = {name[:4] for name in quarters}
    return [parse_period(name, catalogue.zone) for name in sorted({*quarters, *halves, *years})]


def _campaigns(campaigns: Campaigns, quarters: Sequence[str], catalogue: Catalogue) -> list[Period]:
    """Those that begin in the years of these quarters or in the year before, and may last into them."""
    years = sorted({int(name[:4]) - back for name in quarters for back in (0, 1)})
    found = (campaign_period(it, year, catalogue.zone) for it in campaigns.campaigns for year in years)
    return [period for period in found if period is not None]
