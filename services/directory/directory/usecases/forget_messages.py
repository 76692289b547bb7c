"""What was said long ago is forgotten: contents of messages and bodies of events. That it was said stays."""

from datetime import timedelta

from directory.domain.deliveries import DeliveryRules
from directory.store import messages
from kit.work import Work


async def forget_messages(work: Work, rules: DeliveryRules) -> int:
    """One bounded batch, of all territories; answers how many."""
    return await messages.forget(work, work.now - timedelta(days=rules.keep_days))
