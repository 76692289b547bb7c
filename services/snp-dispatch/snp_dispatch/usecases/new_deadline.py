"""A call whose visit fell through after its deadline gets a new one: its patient still needs care."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kit.work import Work
from snp_dispatch.domain.policy import Policy
from snp_dispatch.store import closures


async def new_deadline(work: Work, policy: Policy, call: Mapping[str, Any]) -> None:
    """From now, by the rules of its origin; a deadline that has not passed stays."""
    need, stated = call["need"], call["constraints"].get("deadline")
    asked = datetime.fromisoformat(stated) - call["received_at"] if stated else None
    delay = policy.delay_anew(need["profession"], need["specialty"], call["origin"], asked)
    await closures.extend_deadline(work, call["id"], delay)
