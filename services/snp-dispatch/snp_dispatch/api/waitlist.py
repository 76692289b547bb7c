"""Routes of the waitlist (*liste d'attente*)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from kit.auth import Caller
from kit.http import WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from snp_dispatch.api.answers import booking_out
from snp_dispatch.api.params import CallWriter, RulesDep
from snp_dispatch.api.schemas_calls import BookingOut, LiveHoldOut
from snp_dispatch.domain.catalogue import Origin
from snp_dispatch.domain.request import Triage
from snp_dispatch.store.rows import Row
from snp_dispatch.usecases.accept_offer import accept_seat
from snp_dispatch.usecases.read_waitlist import list_waiting

router = service_router(tags=["waitlist"])

WaitlistReader = Annotated[Caller, require("waitlist:read")]

KEY: TypeAdapter[tuple[int, AwareDatetime, AwareDatetime, UUID]] = TypeAdapter(
    tuple[Annotated[int, Field(ge=0, le=1000)], AwareDatetime, AwareDatetime, UUID]
)


class TriedOut(BaseModel):
    """What was done for a waiting call so far."""

    searched_at: datetime = Field(description="When slots were last looked for; at the latest every minute")
    offers: int = Field(description="Seats that were kept for its caller, the live one too")
    steps: list[str] = Field(description="Steps of the escalation ladder that were taken")


class WaitingOut(BaseModel):
    """A call on the waitlist."""

    position: int = Field(description="In the whole list of the territory, from 1, whatever the filter")
    call_id: UUID
    priority: int = Field(description="Rank of its triage level, 0 the most urgent; 100 without a level")
    triage: Triage | None
    deadline: datetime
    received_at: datetime
    since: datetime = Field(description="Waits since: receipt, or when the town cancelled its visit")
    origin: Origin
    organisation: str | None
    profession: str
    specialty: str | None
    commune: str
    book: bool = Field(description="Booked as soon as a seat frees; else the seat is kept and offered")
    hold: LiveHoldOut | None = Field(description="The seat that is kept for it now")
    tried: TriedOut


@router.get("/waitlist", operation_id="listWaiting", summary="Calls that wait, the first to be served first")
async def get_waitlist(
    *,
    caller: WaitlistReader,
    work: WorkDep,
    page: PageDep,
    profession: Annotated[str | None, Query(max_length=40)] = None,
    origin: Annotated[Origin | None, Query()] = None,
) -> Page[WaitingOut]:
    """Ordered by clinical priority, then deadline, then receipt. For the operator and the coordinator."""
    rows = await list_waiting(work, profession=profession, origin=origin, after=page.key(KEY), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=_key)
    return Page(items=[_waiting_out(row) for row in kept], next=following)


@router.post(
    "/calls/{call_id}/accept",
    status_code=201,
    operation_id="acceptSeat",
    summary="Take the seat that is kept for a waiting call",
    responses=problem_responses(404, 409, 410),
)
async def post_accept(*, caller: CallWriter, work: WorkDep, rules: RulesDep, call_id: UUID) -> BookingOut:
    """After `call.offered`, while `hold` stands on the call. No token is needed.

    409 `nothing_offered`, 410 `hold_expired`: the call stays on the waitlist and is offered another slot.
    """
    return booking_out(rules, await accept_seat(work, caller, call_id))


def _key(row: Row) -> list[object]:
    return [row["priority"], row["deadline"].isoformat(), row["received_at"].isoformat(), str(row["id"])]


def _waiting_out(row: Row) -> WaitingOut:
    alike = ("position", "priority", "deadline", "received_at", "origin", "book", "hold")
    return WaitingOut(
        **{name: row[name] for name in alike},
        call_id=row["id"],
        triage=row["need"]["triage"],
        since=row["reopened_at"] or row["received_at"],
        organisation=row["caller"]["organisation"],
        profession=row["need"]["profession"],
        specialty=row["need"]["specialty"],
        commune=row["patient"]["commune"],
        tried=TriedOut(searched_at=row["searched_at"], offers=row["offers"], steps=row["steps"]),
    )
