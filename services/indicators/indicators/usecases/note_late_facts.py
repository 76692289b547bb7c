"""Tell the periods that were submitted or approved of the facts that came after."""

from collections.abc import Mapping, Sequence

from indicators.domain.campaigns import Campaigns
from indicators.domain.facts import Fact
from indicators.domain.lateness import late_moments
from indicators.store import late_facts, periods
from kit.work import Work


async def note_late_facts(work: Work, told: Sequence[Fact], campaigns: Mapping[str, Campaigns]) -> None:
    """Facts of any territories that this transaction has kept, after their projections were derived.

    Costs nothing while facts are of the present quarter, and of no campaign that was over in it; otherwise a lock and
    one statement for all of them.
    """
    moments = late_moments(told, work.now, campaigns)
    if moments:
        await periods.lock(work, sorted({moment.fact.territory for moment in moments}))
        await late_facts.note(work, moments)
