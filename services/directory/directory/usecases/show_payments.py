"""Closed batches of payments: read, exported, paid."""

from datetime import date, datetime
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.store import payments
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work


async def find_batch(work: Work, batch_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, "payment_batch", batch_id, lock=lock), "batch_unknown")


async def list_batches(work: Work, before: int | None, limit: int, until: datetime | None) -> list[Record]:
    """The latest first, one more than `limit` when there are more; before `until` when given."""
    return await payments.batches(work, before, limit + 1, until)


async def list_lines(work: Work, batch_id: UUID, after: UUID | None, limit: int | None) -> list[Record]:
    """The lines of a batch; one more than `limit` when there are more, all of them without one. Raises Problem 404."""
    await find_batch(work, batch_id)
    return await payments.lines(work, batch_id, after, None if limit is None else limit + 1)


async def pay_batch(work: Work, caller: Caller, batch_id: UUID, paid_on: date) -> Record:
    """The transfers of a batch were made; its validated time is paid. Raises Problem 404, 409 `paid_already`, 422."""
    batch = await find_batch(work, batch_id, lock=True)
    if batch["paid_on"] is not None:
        raise Problem(409, "paid_already", f"Paid on {batch['paid_on']}")
    if not batch["last_day"] < paid_on <= paris_day(work.now):
        raise field_problem("paid_on", "not_a_day_of_payment", "After the period, today at the latest")
    await payments.mark_paid(work, batch_id, paid_on, caller.subject)
    return await rows.change(work, "payment_batch", batch_id, caller.subject, paid_on=paid_on)
