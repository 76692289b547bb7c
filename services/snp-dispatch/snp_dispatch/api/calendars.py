"""Routes of agendas as iCalendar: private addresses, and the one route that answers without a token."""

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, Field

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record
from snp_dispatch.api.answers import effector_out
from snp_dispatch.api.params import ID, Number, RulesDep, SlotWriter
from snp_dispatch.api.schemas import EffectorOut
from snp_dispatch.domain.request import Stated
from snp_dispatch.usecases.calendar_feeds import list_feeds, open_feed, read_feed, revoke_feed
from snp_dispatch.usecases.import_busy import import_busy

router = service_router(tags=["calendars"])


class FeedOut(BaseModel):
    """A private address of an agenda, without its secret."""

    id: UUID
    effector: EffectorOut
    created_at: datetime
    revoked_at: datetime | None


class NewFeedOut(FeedOut):
    """The same with its path, shown this once. Whoever knows it reads the agenda: treat it as a password."""

    path: str = Field(examples=["/v1/calendar-feeds/pays-de-redon~5mWkz4....ics"])


@router.post(
    "/effectors/{number}/calendar-feeds",
    status_code=201,
    operation_id="openCalendarFeed",
    summary="Make a private calendar address",
    responses=problem_responses(404),
)
async def post_feed(*, caller: SlotWriter, work: WorkDep, number: Number) -> NewFeedOut:
    """For a calendar program to subscribe to. Shows the slots of the territory, which are booked, where: no patient."""
    secret = f"{work.territory}~{secrets.token_urlsafe(32)}"
    row = await open_feed(work, caller, number, secret)
    return NewFeedOut(**dict(feed_out(row)), path=f"/v1/calendar-feeds/{secret}.ics")


@router.get(
    "/effectors/{number}/calendar-feeds",
    operation_id="listCalendarFeeds",
    summary="Private calendar addresses",
    responses=problem_responses(404),
)
async def get_feeds(*, caller: SlotWriter, work: WorkDep, page: PageDep, number: Number) -> Page[FeedOut]:
    """Without their secrets, the revoked ones too."""
    last = page.key(ID)
    rows = await list_feeds(work, caller, number, after=last and last[0], limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[feed_out(row) for row in kept], next=following)


@router.post(
    "/effectors/{number}/calendar-feeds/{feed_id}/revoke",
    operation_id="revokeCalendarFeed",
    summary="Revoke a private calendar address",
    responses=problem_responses(404),
)
async def post_revoke(*, caller: SlotWriter, work: WorkDep, number: Number, feed_id: UUID) -> FeedOut:
    """The address answers 404 from now on. Revoking it again changes nothing."""
    return feed_out(await revoke_feed(work, caller, number, feed_id))


@router.get(
    "/calendar-feeds/{territory}~{secret}.ics",
    operation_id="readCalendarFeed",
    summary="An agenda as iCalendar (no token: the address is the secret)",
    response_class=Response,
    responses={**problem_responses(404), 200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
)
async def get_feed(
    *,
    work: WorkDep,
    rules: RulesDep,
    territory: Annotated[str, Path(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=63)],
    secret: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")],
) -> Response:
    """Seven days back, sixty ahead. A wrong or revoked secret is 404 `calendar_feed_not_found`.

    The only route that asks for no token: calendar programs cannot send one. Logs and figures name the route, never
    the address.
    """
    work.territory = territory
    agenda = await read_feed(work, rules, f"{territory}~{secret}")
    headers = {"Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex"}
    return Response(agenda, media_type="text/calendar", headers=headers)


class BusyIn(Stated):
    """An iCalendar file (RFC 5545) as text. An empty calendar forgets what an earlier one said."""

    calendar: str = Field(min_length=1, max_length=500_000, examples=["BEGIN:VCALENDAR..."])


class BusyOut(BaseModel):
    """What the calendar did."""

    periods: int = Field(description="Busy periods of the next 60 days")
    skipped: int = Field(description="Recurring events whose rule is not supported: only their first day counts")
    withdrawn: list[UUID] = Field(description="Free slots that left the offer, reason busy_elsewhere")
    conflicts: list[UUID] = Field(description="Slots in busy time that somebody holds or has booked: left as they are")
    reopened: list[UUID] = Field(description="Slots that an earlier calendar had closed and that are busy no more")


@router.post(
    "/effectors/{number}/busy-calendar",
    operation_id="importBusyCalendar",
    summary="Close free slots in busy time",
    responses=problem_responses(404, 409),
)
async def post_busy(*, caller: SlotWriter, work: WorkDep, rules: RulesDep, number: Number, body: BusyIn) -> BusyOut:
    """Replaces what an earlier import said, for the caller's territory. Only times are kept, nothing else of the file.

    Free slots in busy time are withdrawn, recurring availability makes none there; a slot published by hand stays
    possible. When a later file says less, what an earlier one had closed is open again. 409 `busy_calendar_followed`:
    the calendar is followed by its address. 422 `calendar_refused`.
    """
    return BusyOut(**vars(await import_busy(work, rules, caller, number, body.calendar)))


def feed_out(row: Record) -> FeedOut:
    return filled(FeedOut, row, effector=effector_out(row))
