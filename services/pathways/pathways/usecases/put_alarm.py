"""An alarm is put to the first of an order; whoever told it, it is then handed over and answered in one way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from contracts.coordination import AlarmEscalated, AlarmRaised
from kit import rows
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.duty import following
from pathways.store import alarms, duties

Source = Literal["telemonitoring", "patient", "hospital", "professional"]
"""Who told it: a platform, the patient or a carer, a hospital, somebody of the care team."""


@dataclass(frozen=True)
class Order:
    """RPPS numbers, the first one first; minutes of each, those of the last for whoever comes after."""

    turns: list[str]
    within: list[int]


async def put_alarm(
    work: Work, by: str, about: Mapping[str, Any], code: str, order: Order, *, source: Source, **own: Any
) -> Record:
    """`about`: patient, enrolment and pathway; `own`: columns of this source. With an empty order nobody is asked."""
    away = await duties.absent(work, work.territory, order.turns, local_day(work.now))
    # All are absent: it is put to somebody all the same.
    turn = following(order.turns, -1, away) or 0
    within = order.within[min(turn, len(order.within) - 1)] if order.turns else None
    row = await rows.add(
        work,
        alarms.TABLE,
        by,
        **{name: about[name] for name in ("patient_id", "enrolment_id", "template")},
        code=code,
        source=source,
        messages=1,
        last_at=work.now,
        state="raised",
        turns=order.turns,
        within=order.within,
        turn=turn,
        raised_at=work.now,
        next_at=None if within is None else work.now + timedelta(minutes=within),
        unanswered_at=work.now if within is None else None,
        **own,
    )
    await _ask(work, row)
    return row


async def one_more(work: Work, by: str, known: Record) -> Record:
    """Told again while it is open: it stays one."""
    return await rows.change(work, alarms.TABLE, known["id"], by, messages=known["messages"] + 1, last_at=work.now)


def naming(row: Mapping[str, Any]) -> dict[str, Any]:
    """What every event of an alarm says."""
    return {"alarm_id": row["id"], "template": row["template"], "code": row["code"]}


async def _ask(work: Work, row: Record) -> None:
    if not row["turns"]:
        await alarms.hand_over(work, row, None, "nobody_left")
        work.emit(AlarmEscalated(**naming(row), turn=0, rpps=None, reason="nobody_left"), version=1)
        return
    rpps = row["turns"][row["turn"]]
    await alarms.hand_over(work, row, rpps, "raised")
    told = AlarmRaised(
        **naming(row), enrolment_id=row["enrolment_id"], rpps=rpps, by=row["next_at"], source=row["source"]
    )
    work.emit(told, version=1)
