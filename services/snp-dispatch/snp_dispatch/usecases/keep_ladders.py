"""At start: the ladders in force are kept by their content, before any call pins one."""

from contracts.envelope import NATIONAL
from kit.database import Database
from snp_dispatch.store import escalation
from snp_dispatch.store.rules import Rules


async def keep_ladders(system: Database, rules: Rules) -> None:
    """Idempotent. A changed file is a new row; calls that pinned the old one keep it."""
    async with system.work(NATIONAL) as work:
        await escalation.keep(work, rules.ladders.values())
