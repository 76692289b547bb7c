"""Routes of an effector's own calendar under an address: set once, read by the worker again and again."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from kit import outbound
from kit.answers import filled
from kit.http import RuntimeDep, WorkDep, service_router
from kit.problems import problem_responses
from kit.work import Record
from snp_dispatch.api.answers import effector_out
from snp_dispatch.api.params import Number, RulesDep, SlotWriter
from snp_dispatch.api.schemas import EffectorOut
from snp_dispatch.domain.busy_calendar import MESSAGES, Result
from snp_dispatch.domain.request import Stated
from snp_dispatch.settings import Settings
from snp_dispatch.usecases.follow_calendar import follow_calendar, followed, unfollow_calendar

router = service_router(tags=["calendars"])
PATH = "/effectors/{number}/busy-calendar/url"


class AddressIn(Stated):
    """The private address of a calendar, as the calendar program gives it."""

    url: str = Field(
        min_length=1,
        max_length=outbound.LONGEST,
        description="https (or webcal). Kept sealed, never answered, never logged",
        examples=["https://calendar.example.org/private-3f9a/basic.ics"],
    )


class FollowedOut(BaseModel):
    """How reading the address goes. The address itself is a secret and is not among it."""

    effector: EffectorOut
    host: str
    set_at: datetime
    next_read_at: datetime
    read_at: datetime | None = Field(description="Last attempt; null while it was never read")
    succeeded_at: datetime | None = Field(description="Last attempt that succeeded")
    failures: int = Field(description="Attempts in a row that failed; each doubles the wait for the next")
    result: Result | None
    status: int | None = Field(description="What the server answered, when `result` is `status`")
    message: str | None = Field(description="The result in words")
    periods: int | None = Field(description="Busy periods of the next 60 days, as last told")
    skipped: int | None = Field(description="Recurring events whose rule is not supported: only their first day counts")
    withdrawn: int | None = Field(description="Free slots that the last whole reading closed")
    reopened: int | None = Field(description="Slots that it opened again, as they are busy no more")
    conflicts: list[UUID] = Field(description="Slots in busy time that somebody holds or has booked: left as they are")


@router.put(
    PATH,
    operation_id="followBusyCalendar",
    summary="Follow a calendar by its address",
    responses=problem_responses(404),
)
async def put_address(
    *, caller: SlotWriter, work: WorkDep, runtime: RuntimeDep, number: Number, body: AddressIn
) -> FollowedOut:
    """One address an effector and territory. Read at once, then every half hour or as the territory's file says.

    What it tells replaces what an earlier file or address told, as `importBusyCalendar` does. While reading fails the
    last known busy time stays. 404 `effector_unknown`, 422 `address_refused`: not https, or with a name and password.
    Whether its server may be asked (public addresses only) is seen when it is read: look at `result`.
    """
    local = isinstance(runtime.settings, Settings) and runtime.settings.calendars_local
    return _out(await follow_calendar(work, runtime.keyring, caller, number, body.url, local=local))


@router.get(
    PATH,
    operation_id="readFollowedCalendar",
    summary="How reading the address goes",
    responses=problem_responses(404),
)
async def get_address(*, caller: SlotWriter, work: WorkDep, number: Number) -> FollowedOut:
    """404 `busy_calendar_not_found`: no address is set."""
    return _out(await followed(work, caller, number))


@router.post(
    f"{PATH}/remove",
    operation_id="unfollowBusyCalendar",
    summary="Stop following a calendar",
    responses=problem_responses(404),
)
async def post_remove(*, caller: SlotWriter, work: WorkDep, rules: RulesDep, number: Number) -> FollowedOut:
    """The address and what it told are forgotten: slots that it closed open again. 404 `busy_calendar_not_found`."""
    return _out(await unfollow_calendar(work, rules, caller, number))


def _out(row: Record) -> FollowedOut:
    message = MESSAGES[row["result"]] if row["result"] else None
    return filled(FollowedOut, row, effector=effector_out(row), message=message, conflicts=row["conflicts"] or [])
