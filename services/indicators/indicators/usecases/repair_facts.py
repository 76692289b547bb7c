"""Keep again what stands in the streams and is no fact (any more)."""

from collections.abc import Mapping, Sequence

from indicators.domain.campaigns import Campaigns
from indicators.domain.facts import Fact
from indicators.store import facts
from indicators.usecases.record_facts import record_facts
from kit.work import Work


async def repair_facts(work: Work, told: Sequence[Fact], campaigns: Mapping[str, Campaigns]) -> int:
    """Records those of the facts that are not kept, of whatever territories; answers how many these were."""
    known = await facts.known(work, told)
    lost = {fact.event_id: fact for fact in told if fact.event_id not in known}
    if lost:
        await record_facts(work, list(lost.values()), campaigns)
    return len(lost)
