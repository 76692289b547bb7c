"""Validated time was paid by itself, outside any batch."""

from datetime import date
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.store import payments
from directory.store.indemnities import TABLE
from directory.usecases.find_time import find_time
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work


async def mark_paid(work: Work, caller: Caller, indemnity_id: UUID, paid_on: date) -> Record:
    """The bank transfer was made. Raises Problem 404, 409 `not_approved`, `in_a_batch`, 422."""
    row = await find_time(work, indemnity_id, lock=True)
    if row["state"] != "approved":
        raise Problem(409, "not_approved", f"It is {row['state']}")
    if (number := await payments.batch_of(work, "indemnity", indemnity_id)) is not None:
        raise Problem(409, "in_a_batch", f"It is paid with batch {number}")
    if paid_on > paris_day(work.now):
        raise field_problem("paid_on", "in_the_future", "Paid today at the latest")
    return await rows.change(work, TABLE, indemnity_id, caller.subject, state="paid", paid_on=paid_on)
