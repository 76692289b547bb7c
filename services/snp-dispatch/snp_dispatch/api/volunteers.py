"""Routes of volunteers: practitioners who may be asked although they published no slot, and what they are asked."""

from datetime import datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record
from snp_dispatch.api.answers import booking_out, effector_out, place_out
from snp_dispatch.api.params import INSTANT_AND_ID, RppsQuery, RulesDep, SlotWriter
from snp_dispatch.api.schemas import EffectorOut, PlaceOut
from snp_dispatch.api.schemas_calls import BookingOut
from snp_dispatch.api.schemas_slots import ClockTime
from snp_dispatch.domain.ages import age_band
from snp_dispatch.domain.catalogue import Mode
from snp_dispatch.domain.request import InseeCode, Stated
from snp_dispatch.domain.states import OfferState
from snp_dispatch.domain.volunteers import DeclineReason
from snp_dispatch.store import volunteers as store
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.answer_offer import Acceptance, accept_offer, decline_offer
from snp_dispatch.usecases.volunteers import (
    list_offers,
    read_offer,
    read_volunteer,
    stop_volunteering,
    volunteer,
)

router = service_router(tags=["volunteers"])

RppsPath = Annotated[str, Path(pattern=r"^\d{11}$", description="RPPS number", examples=["99000000093"])]
Weekday = Annotated[int, Field(ge=1, le=7)]


class VolunteerIn(Stated):
    """When and for whom a practitioner may be asked. Hours by the clock of the commune."""

    commune: InseeCode = Field(description="Where they would see patients", examples=["35236"])
    radius_km: float = Field(ge=0, le=200, description="How far away patients may be", examples=[20])
    modes: tuple[Mode, ...] = Field(default=("AMB",), min_length=1, max_length=3, description="The preferred one first")
    weekdays: tuple[Weekday, ...] = Field(
        default=(1, 2, 3, 4, 5), min_length=1, max_length=7, description="1 is Monday"
    )
    starts: ClockTime = Field(default="08:00", description="Asked from this hour on")
    ends: ClockTime = Field(default="19:00", description="Not asked from this hour on")
    visit_minutes: int = Field(default=20, ge=5, le=240, description="Length of a visit when accepting names no end")
    max_per_week: int = Field(ge=1, le=100, description="From Monday; accepted and open offers count", examples=[5])


class VolunteerOut(BaseModel):
    effector: EffectorOut
    place: PlaceOut
    radius_km: float
    modes: list[str]
    weekdays: list[int]
    starts: str
    ends: str
    visit_minutes: int
    max_per_week: int
    stated_at: datetime


class OfferOut(BaseModel):
    """A waiting call that is offered to a practitioner. No identity: the booking opens the contact."""

    id: UUID
    call_id: UUID
    effector: EffectorOut
    state: OfferState
    how: Literal["one_by_one", "broadcast"]
    profession: str
    specialty: str | None
    act: str | None
    priority: int = Field(description="Rank of the triage level, 0 the most urgent; 100 when no level was given")
    age_band: str
    patient_place: PlaceOut
    distance_km: float | None
    modes: list[str]
    earliest: datetime
    deadline: datetime
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    reason: str | None
    booking_id: UUID | None


class AcceptIn(Stated):
    starts_at: AwareDatetime = Field(description="Between `earliest` and `deadline` of the offer")
    ends_at: AwareDatetime | None = Field(default=None, description="By `visit_minutes` of the volunteer when absent")
    mode: Mode | None = Field(default=None, description="The first of the offer when absent")


class DeclineIn(Stated):
    reason: DeclineReason


@router.put(
    "/volunteers/{rpps}",
    operation_id="volunteer",
    summary="Volunteer to be asked",
    responses=problem_responses(404, 409),
)
async def put_volunteer(
    *, caller: SlotWriter, work: WorkDep, rules: RulesDep, rpps: RppsPath, body: VolunteerIn
) -> VolunteerOut:
    """Opt-in: a practitioner for themself. 404 `effector_unknown`, 409 `not_participating`."""
    fields = body.model_dump() | {
        "weekdays": tuple(sorted(set(body.weekdays))),
        "modes": tuple(dict.fromkeys(body.modes)),
        "starts": time.fromisoformat(body.starts),
        "ends": time.fromisoformat(body.ends),
    }
    stated = store.Stated(effector_id=rpps, **fields)
    return _volunteer(rules, await volunteer(work, rules, caller, stated))


@router.get(
    "/volunteers/{rpps}",
    operation_id="getVolunteer",
    summary="When a practitioner may be asked",
    responses=problem_responses(404),
)
async def get_volunteer(*, caller: SlotWriter, work: WorkDep, rules: RulesDep, rpps: RppsPath) -> VolunteerOut:
    """404 `volunteer_not_found` for who does not volunteer."""
    return _volunteer(rules, await read_volunteer(work, caller, rpps))


@router.post(
    "/volunteers/{rpps}/remove",
    operation_id="stopVolunteering",
    summary="Be asked no more",
    responses=problem_responses(404),
)
async def post_remove(*, caller: SlotWriter, work: WorkDep, rules: RulesDep, rpps: RppsPath) -> VolunteerOut:
    """Answers what was stated. Offers that are open may still be answered."""
    return _volunteer(rules, await stop_volunteering(work, caller, rpps))


@router.get("/offers", operation_id="listOffers", summary="Calls offered to volunteers, the latest first")
async def get_offers(
    *,
    caller: SlotWriter,
    work: WorkDep,
    rules: RulesDep,
    page: PageDep,
    rpps: RppsQuery = None,
    state: Annotated[OfferState | None, Query()] = None,
) -> Page[OfferOut]:
    """A practitioner names themself; a coordinator sees all. 403 `not_your_agenda`."""
    after = page.key(INSTANT_AND_ID)
    rows = await list_offers(work, caller, effector_id=rpps, state=state, after=after, limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["made_at"].isoformat(), str(row["id"])])
    return Page(items=[_offer(rules, row) for row in kept], next=following)


@router.get("/offers/{offer_id}", operation_id="getOffer", summary="One offer", responses=problem_responses(404))
async def get_offer(*, caller: SlotWriter, work: WorkDep, rules: RulesDep, offer_id: UUID) -> OfferOut:
    """As it stands now: `closed` as soon as the call is served by another."""
    return _offer(rules, await read_offer(work, caller, offer_id))


@router.post(
    "/offers/{offer_id}/accept",
    status_code=201,
    operation_id="acceptOffer",
    summary="See the patient: opens a slot and books it",
    responses=problem_responses(404, 409, 410),
)
async def post_accept(
    *, caller: SlotWriter, work: WorkDep, rules: RulesDep, offer_id: UUID, body: AcceptIn
) -> BookingOut:
    """Of several acceptances the first wins; the others are told 409 `offer_closed`. 410 `offer_expired`.

    409 also: `slot_not_suitable` with its `reason`, `slot_overlap`, `call_busy` (a freed seat is kept for the call),
    `already_booked`, `quota_reached`, `not_participating`.
    """
    return booking_out(rules, await accept_offer(work, rules, caller, offer_id, Acceptance(**body.model_dump())))


@router.post(
    "/offers/{offer_id}/decline",
    operation_id="declineOffer",
    summary="Say no: the next volunteer is asked",
    responses=problem_responses(404, 409, 410),
)
async def post_decline(
    *, caller: SlotWriter, work: WorkDep, rules: RulesDep, offer_id: UUID, body: DeclineIn
) -> OfferOut:
    """409 `offer_closed`, 410 `offer_expired`. Nobody is asked twice for a call."""
    return _offer(rules, await decline_offer(work, rules, caller, offer_id, body.reason))


def _volunteer(rules: Rules, row: Record) -> VolunteerOut:
    return filled(
        VolunteerOut,
        row,
        starts=f"{row['starts']:%H:%M}",
        ends=f"{row['ends']:%H:%M}",
        effector=effector_out(row),
        place=place_out(rules, row["commune"]),
    )


def _offer(rules: Rules, row: Record | dict[str, Any]) -> OfferOut:
    need, patient = row["need"], row["patient"]
    said = {name: need.get(name) for name in ("profession", "specialty", "act")}
    return filled(
        OfferOut,
        row,
        **said,
        effector=effector_out(row),
        how=row["terms"]["how"],
        age_band=age_band(patient["age"]),
        patient_place=place_out(rules, patient["commune"]),
    )
