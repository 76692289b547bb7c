"""How far a call has gone on its ladder, and what comes next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from kit.auth import Caller
from kit.work import Record, Work
from snp_dispatch.domain.ladder import Ladder
from snp_dispatch.domain.states import waits_now
from snp_dispatch.store import escalation, timers
from snp_dispatch.usecases.escalate import KIND
from snp_dispatch.usecases.read_calls import read_call


@dataclass(frozen=True)
class Progress:
    """`none`: the call never waited or has no ladder; `finished`: all steps are taken; `stopped`: served or closed."""

    state: Literal["none", "running", "finished", "stopped"]
    ladder: Ladder | None
    taken: list[Record]
    next_position: int | None
    next_at: datetime | None


async def read_escalation(work: Work, caller: Caller, call_id: UUID) -> Progress:
    """Raises Problem 403, 404."""
    call, _ = await read_call(work, caller, call_id)
    if call["ladder"] is None:
        return Progress("none", None, [], None, None)
    ladder, taken = await escalation.ladder(work, call["ladder"]), await escalation.steps(work, call_id)
    if waits_now(call["state"], call["deadline"], work.now) != "waiting":
        return Progress("stopped" if taken else "none", ladder, taken, None, None)
    if len(taken) == len(ladder.steps):
        return Progress("finished", ladder, taken, None, None)
    timer = await timers.pending(work, KIND, call_id)
    return Progress("running", ladder, taken, len(taken), timer["due_at"] if timer else None)
