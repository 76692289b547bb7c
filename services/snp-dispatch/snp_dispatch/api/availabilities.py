"""Routes of weekly recurring hours (*disponibilités récurrentes*)."""

from uuid import UUID

from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from snp_dispatch.api.answers import availability_out
from snp_dispatch.api.params import ID, RppsQuery, RulesDep, SlotReader, SlotWriter
from snp_dispatch.api.schemas import ReasonIn
from snp_dispatch.api.schemas_slots import AvailabilityIn, AvailabilityOut, clock_time
from snp_dispatch.api.slots import effector_number
from snp_dispatch.usecases.end_availability import end_availability
from snp_dispatch.usecases.keep_availability import (
    HoursWanted,
    keep_availability,
    list_availabilities,
    read_availability,
)

router = service_router(tags=["availabilities"])


@router.post(
    "/availabilities",
    status_code=201,
    operation_id="keepAvailability",
    summary="State recurring hours",
    responses=problem_responses(404, 409),
)
async def post_availability(
    *, caller: SlotWriter, work: WorkDep, rules: RulesDep, body: AvailabilityIn
) -> AvailabilityOut:
    """Slots are made from the hours within seconds, and then day by day, up to the policy's horizon.

    Days by `weekdays` or `rrule`; hours by the clock of the place, through clock changes. "20:00" to "08:00" crosses
    midnight and belongs to the day on which it starts; equal hours are a whole day. A slot that is in the way wins,
    also one of another place or territory. 422 `rrule_refused` says why.
    """
    wanted = HoursWanted(
        effector_id=effector_number(body.effector),
        commune=body.place.commune,
        mode=body.mode,
        audience=body.audience,
        capacity=body.capacity,
        terms=body.terms(),
        embargo_minutes=body.embargo_minutes,
        release=body.release.release() if body.release else None,
        weekdays=body.weekdays or (),
        rrule=body.rrule and body.rrule.removeprefix("RRULE:"),
        except_dates=body.except_dates,
        extra_dates=body.extra_dates,
        skip_holidays=body.public_holidays == "skip",
        starts=clock_time(body.starts),
        ends=clock_time(body.ends),
        slot_minutes=body.slot_minutes,
        every_minutes=body.every_minutes,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
    )
    return availability_out(rules, await keep_availability(work, rules, caller, wanted))


@router.get("/availabilities", operation_id="listAvailabilities", summary="Weekly hours")
async def get_availabilities(
    *, caller: SlotReader, work: WorkDep, rules: RulesDep, page: PageDep, rpps: RppsQuery = None
) -> Page[AvailabilityOut]:
    """In the order in which they were stated, the ended ones too."""
    last = page.key(ID)
    rows = await list_availabilities(work, effector_id=rpps, after=last and last[0], limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[availability_out(rules, row) for row in kept], next=following)


@router.get(
    "/availabilities/{availability_id}",
    operation_id="getAvailability",
    summary="One availability",
    responses=problem_responses(404),
)
async def get_availability(
    *, caller: SlotReader, work: WorkDep, rules: RulesDep, availability_id: UUID
) -> AvailabilityOut:
    """The hours, and how far their slots are made."""
    return availability_out(rules, await read_availability(work, availability_id))


@router.post(
    "/availabilities/{availability_id}/end",
    operation_id="endAvailability",
    summary="End weekly hours",
    responses=problem_responses(404, 409),
)
async def post_end(
    *, caller: SlotWriter, work: WorkDep, rules: RulesDep, availability_id: UUID, body: ReasonIn
) -> AvailabilityOut:
    """No new slots; the free future ones are withdrawn, what is held or booked stays."""
    return availability_out(rules, await end_availability(work, caller, availability_id, body.reason))
