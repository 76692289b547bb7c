"""Routes of bookings (*rendez-vous*)."""

from uuid import UUID

from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from snp_dispatch.api.answers import booking_out
from snp_dispatch.api.filters import BookingFilterDep
from snp_dispatch.api.params import INSTANT_AND_ID, BookingWriter, CallReader, OutcomeWriter, RulesDep
from snp_dispatch.api.schemas import ReasonIn
from snp_dispatch.api.schemas_calls import BookingOut, CancelBookingIn, MoveIn, NoShowIn
from snp_dispatch.usecases.end_booking import cancel_booking, fulfil_booking, miss_booking
from snp_dispatch.usecases.move_booking import move_booking
from snp_dispatch.usecases.read_calls import list_bookings, read_booking
from snp_dispatch.usecases.undo_outcome import undo_outcome

router = service_router(tags=["bookings"])


@router.get("/bookings", operation_id="listBookings", summary="Visits in order of start")
async def get_bookings(
    *, caller: CallReader, work: WorkDep, rules: RulesDep, page: PageDep, wanted: BookingFilterDep
) -> Page[BookingOut]:
    """Visits that start in the period and meet every filter. A practitioner sees their own."""
    rows = await list_bookings(work, caller, wanted, page.key(INSTANT_AND_ID), page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["starts_at"].isoformat(), str(row["id"])])
    return Page(items=[booking_out(rules, row) for row in kept], next=following)


@router.get("/bookings/{booking_id}", operation_id="getBooking", summary="One visit", responses=problem_responses(404))
async def get_booking(*, caller: CallReader, work: WorkDep, rules: RulesDep, booking_id: UUID) -> BookingOut:
    """The visit as it stands."""
    return booking_out(rules, await read_booking(work, caller, booking_id))


@router.post(
    "/bookings/{booking_id}/cancel",
    operation_id="cancelBooking",
    summary="Cancel a visit before its start",
    responses=problem_responses(404, 409),
)
async def post_cancel(
    *, caller: BookingWriter, work: WorkDep, rules: RulesDep, booking_id: UUID, body: CancelBookingIn
) -> BookingOut:
    """Frees the seat. By patient or caller: the call is cancelled. By the town: it waits for another slot.

    409 `booking_not_active`, `booking_started` once the visit has begun, `booking_busy` while it is moved.
    """
    return booking_out(rules, await cancel_booking(work, rules, caller, booking_id, by=body.by, reason=body.reason))


@router.post(
    "/bookings/{booking_id}/move",
    operation_id="moveBooking",
    summary="Give a visit another slot, in one step",
    responses=problem_responses(404, 409),
)
async def post_move(
    *, caller: BookingWriter, work: WorkDep, rules: RulesDep, booking_id: UUID, body: MoveIn
) -> BookingOut:
    """The booking keeps its id; the old seat is free once the new one is taken, and not before.

    The slot must fit the call, up to its deadline (by `patient`: some hours later where the policy says so).
    409 `slot_taken` with `alternatives`, `slot_not_suitable` with its `reason`, `same_slot`,
    `booking_not_active`, `booking_started`, `booking_busy` when it was moved at the same moment, `already_booked`,
    `quota_reached`, `booking_of_neighbour`: cancel it and book another.
    """
    by = body.by or {"practitioner": "practitioner", "operator": "operator"}.get(caller.role or "", "caller")
    moved = await move_booking(work, rules, caller, booking_id, body.slot_id, by=by, reason=body.reason)
    return booking_out(rules, moved)


@router.post(
    "/bookings/{booking_id}/fulfil",
    operation_id="fulfilBooking",
    summary="The visit took place (honoré)",
    responses=problem_responses(404, 409),
)
async def post_fulfil(*, caller: OutcomeWriter, work: WorkDep, rules: RulesDep, booking_id: UUID) -> BookingOut:
    """From 15 minutes before its start; 409 `too_early`, `booking_not_active`."""
    return booking_out(rules, await fulfil_booking(work, rules, caller, booking_id))


@router.post(
    "/bookings/{booking_id}/no-show",
    operation_id="missBooking",
    summary="The visit did not take place (non honoré)",
    responses=problem_responses(404, 409),
)
async def post_no_show(
    *, caller: OutcomeWriter, work: WorkDep, rules: RulesDep, booking_id: UUID, body: NoShowIn
) -> BookingOut:
    """From its start, and who was absent; 409 `too_early`, `booking_not_active`."""
    return booking_out(rules, await miss_booking(work, rules, caller, booking_id, body.absent))


@router.post(
    "/bookings/{booking_id}/undo-outcome",
    operation_id="undoOutcome",
    summary="Take back that a visit was fulfilled or missed",
    responses=problem_responses(404, 409),
)
async def post_undo_outcome(
    *, caller: OutcomeWriter, work: WorkDep, rules: RulesDep, booking_id: UUID, body: ReasonIn
) -> BookingOut:
    """The visit is confirmed again; `outcomes` keeps what was said, by whom, and why it was taken back.

    Possible for `outcome_undo_days` (policy) after the end of the visit. 409 `no_outcome`, `outcome_final` after that,
    `already_booked` when the visit is still to come and the patient has another one, `booking_busy`.
    """
    return booking_out(rules, await undo_outcome(work, rules, caller, booking_id, reason=body.reason))
