"""A mandate ends before its time; the function of the bureau goes with the seat on the board."""

from datetime import date
from uuid import UUID

from directory.domain.association import BOARD, BUREAU
from directory.store import mandates, members
from directory.usecases.start_mandate import find_mandate
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work

OFF_THE_BOARD = "off_the_board"


async def end_mandate(work: Work, caller: Caller, mandate_id: UUID, ended_on: date, reason: str) -> Record:
    """Raises Problem 404, 409 `ended_already`, 422 when the day is not within the mandate."""
    body = (await find_mandate(work, mandate_id))["body"]
    await members.lock_body(work, BOARD if body == BUREAU else body)
    found = await find_mandate(work, mandate_id, lock=True)
    if found["ended_on"] is not None:
        raise Problem(409, "ended_already", f"Ended on {found['ended_on']}")
    if ended_on < found["started_on"] or (found["ends_on"] and ended_on > found["ends_on"]):
        raise field_problem("ended_on", "day_out_of_range", "Between the start of the mandate and its end")
    ended = await rows.change(work, "mandate", mandate_id, caller.subject, ended_on=ended_on, end_reason=reason)
    if body == BOARD:
        await _leave_bureau(work, caller, found["member_id"], ended_on)
    return ended


async def _leave_bureau(work: Work, caller: Caller, member_id: UUID, on: date) -> None:
    for row in await mandates.of_member(work, member_id, on):
        if row["body"] == BUREAU:
            last = max(on, row["started_on"])
            await rows.change(work, "mandate", row["id"], caller.subject, ended_on=last, end_reason=OFF_THE_BOARD)
