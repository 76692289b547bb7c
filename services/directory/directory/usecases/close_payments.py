"""A batch of payments is closed: everything owed and in no batch yet, each thing in exactly one."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from contracts.directory import PaymentsClosed
from directory.domain.as_of import paris_day
from directory.domain.indemnities import Ceilings, IndemnityRules
from directory.domain.payments import Span, span_of, under
from directory.store import payments
from kit import rows
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work

Line = dict[str, Any]


async def close_payments(work: Work, caller: Caller, rules: IndemnityRules, ceilings: Ceilings, period: str) -> Record:
    """Closes a month or quarter that is over, under the next number. What is validated late goes into the next one.

    Raises Problem 409 `period_open`, `period_closed` (also for who closes at the same moment), `nothing_to_pay`.
    """
    span = span_of(period)
    if span.last >= paris_day(work.now):
        raise Problem(409, "period_open", f"It ends on {span.last}")
    await payments.lock_batches(work)
    before = await payments.last_batch(work)
    if before is not None and before["last_day"] >= span.last:
        raise Problem(
            409, "period_closed", f"Batch {before['number']} closed {before['period']}", number=before["number"]
        )
    lines = await owed(work, rules, ceilings, span, lock=True)
    if not lines:
        raise Problem(409, "nothing_to_pay", "Nothing is validated that no batch has")
    batch = await rows.add(
        work,
        "payment_batch",
        caller.subject,
        number=before["number"] + 1 if before else 1,
        period=period,
        last_day=span.last,
        people=len({line["rpps"] for line in lines}),
        lines=len(lines),
        total=total(lines),
        closed_at=work.now,
    )
    await payments.add_lines(work, batch["id"], lines, caller.subject)
    told = PaymentsClosed(
        batch_id=batch["id"], **{name: batch[name] for name in ("number", "period", "people", "lines")}
    )
    work.emit(told, version=1)
    return batch


async def preview_payments(work: Work, rules: IndemnityRules, ceilings: Ceilings, period: str) -> list[Line]:
    """What a batch of the period would hold now."""
    return await owed(work, rules, ceilings, span_of(period), lock=False)


async def owed(work: Work, rules: IndemnityRules, ceilings: Ceilings, span: Span, *, lock: bool) -> list[Line]:
    """Lines by person and day. With `lock`, nobody else uses the ceilings of these people meanwhile."""
    today = paris_day(work.now)
    found: list[Line] = []
    for kind in ("indemnity", "correction"):
        found += [{"kind": kind, **dict(row)} for row in await payments.due(work, kind, span.last, today, lock=lock)]
    back = await payments.due(work, "reversal", span.last, today, lock=lock)
    found += [{"kind": "reversal", "late": False, **dict(row)} for row in back]
    found += await _compensations(work, rules, ceilings, span, lock=lock)
    marked = [line | {"late": line["late"] or line["day"] < span.first} for line in found]
    return sorted(marked, key=lambda line: (line["rpps"], line["day"], line["kind"], line["source_id"]))


async def _compensations(
    work: Work, rules: IndemnityRules, ceilings: Ceilings, span: Span, *, lock: bool
) -> list[Line]:
    """Compensations take what the ceiling has left when the batch is closed; without a known ceiling they wait."""
    claims: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for row in await payments.due(work, "compensation", span.last, paris_day(work.now), lock=lock):
        claims[row["rpps"], row["day"].year].append(row)
    found: list[Line] = []
    for (rpps, year), visits in sorted(claims.items()):
        cap = rules.cap(ceilings, year)
        if cap is None:
            continue
        if lock:
            await payments.lock_year(work, rpps, year)
        room = cap - await payments.used(work, rpps, year)
        paid = await payments.compensated(work, rpps, year)
        for visit in visits:
            own_room = None if visit["own_cap"] is None else visit["own_cap"] - paid
            due = under(visit["amount"], room, own_room)
            room, paid = room - due.payable, paid + due.payable
            values = {"kind": "compensation", "source_id": visit["source_id"], "rpps": rpps, "day": visit["day"]}
            found.append({**values, "late": False, **vars(due)})
    return found


def total(lines: list[Line]) -> Decimal:
    """What is paid, in euros."""
    return sum((line["payable"] for line in lines), Decimal("0.00"))
