"""What each kind of durable timer does."""

from kit.work import Record, Work
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import escalate, remind
from snp_dispatch.usecases.fire_timers import Handler


def handlers(rules: Rules) -> dict[str, Handler]:
    """By kind of timer."""

    async def take_step(work: Work, timer: Record) -> None:
        await escalate.take_step(work, rules, timer)

    return {escalate.KIND: take_step, remind.KIND: remind.remind}
