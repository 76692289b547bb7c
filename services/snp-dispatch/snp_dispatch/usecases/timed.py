"""What each kind of durable timer does."""

from kit.work import Record, Work
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import escalate, remind, volunteer_offers
from snp_dispatch.usecases.fire_timers import Handler


def handlers(rules: Rules) -> dict[str, Handler]:
    """By kind of timer."""

    async def take_step(work: Work, timer: Record) -> None:
        await escalate.take_step(work, rules, timer)

    async def expire_offer(work: Work, timer: Record) -> None:
        await volunteer_offers.expire_offer(work, rules, timer)

    return {escalate.KIND: take_step, remind.KIND: remind.remind, volunteer_offers.KIND: expire_offer}
