"""Routes of calls: the main job."""

from typing import Any
from uuid import UUID

from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from snp_dispatch.api.answers import call_out, call_summary_out
from snp_dispatch.api.filters import CallFilterDep
from snp_dispatch.api.params import INSTANT_AND_ID, CallReader, CallWriter, ContactReader, RulesDep
from snp_dispatch.api.schemas import ReasonIn
from snp_dispatch.api.schemas_calls import CallIn, CallOut, CallSummaryOut, ContactOut
from snp_dispatch.domain.request import CallStated, PatientStated
from snp_dispatch.usecases.cancel_call import cancel_call
from snp_dispatch.usecases.contacts import read_contact
from snp_dispatch.usecases.read_calls import list_calls, read_call
from snp_dispatch.usecases.receive_call import receive_call

router = service_router(tags=["calls"])


@router.post(
    "/calls",
    status_code=201,
    operation_id="receiveCall",
    summary="State a need: screened, matched, booked in one shot if asked",
    responses=problem_responses(409),
)
async def post_call(
    *, caller: CallWriter, work: WorkDep, runtime: RuntimeDep, rules: RulesDep, body: CallIn
) -> CallOut:
    """The answer is 201 whatever the decision; `state` tells it.

    `open`: at most ten proposals, best first, each with its cost and reasons. `booked`: `booking` is the
    visit. `waiting`: nothing fits now, `relaxations` say what each constraint costs. `redirected`: a red
    flag, nothing is booked, `redirect` says where to turn. `refused`: a condition of the policy failed.
    The visit starts within the longest delay of the need (48 h of receipt for SNP), or before an earlier
    `deadline`. `screening.conditions` tell what was compared; a policy asks for vital signs and for data
    beyond the contract as its doctors decided (docs/intended-use.md).
    409 `no_policy` while the territory takes no calls. In one shot, 409 `already_booked` with the `booking_id` when the
    same `patient.ref` has a visit to come for the same profession and specialty; nothing is stored then.
    """
    contact = body.patient.contact
    patient = PatientStated(**body.patient.model_dump(exclude={"contact"}))
    stated = CallStated(
        origin=body.origin, caller=body.caller, patient=patient, need=body.need, constraints=body.constraints
    )
    received = await receive_call(
        work,
        rules,
        runtime.keyring,
        caller,
        stated,
        contact=contact.model_dump() if contact else None,
        book=body.mode == "book",
    )
    booking = received.booking and {**_NEW, **vars(received.booking), "confirmed_at": work.now}
    return call_out(rules, {**vars(received.call), "received_at": work.now, "hold": None}, booking, work.now)


_NEW: dict[str, Any] = {
    "state": "confirmed",
    "ended_at": None,
    "ended_by": None,
    "reason": None,
    "absent": None,
    "moves": [],
    "outcomes": [],
}


@router.get("/calls", operation_id="listCalls", summary="Calls, the latest or the most urgent first")
async def get_calls(*, caller: CallReader, work: WorkDep, page: PageDep, wanted: CallFilterDep) -> Page[CallSummaryOut]:
    """Calls that meet every filter. A practitioner sees their own, anyone else those of the territory."""
    rows = await list_calls(work, caller, wanted, page.key(INSTANT_AND_ID), page.limit + 1)
    instant = "deadline" if wanted.order == "deadline" else "received_at"
    kept, following = page_of(rows, page, key=lambda row: [row[instant].isoformat(), str(row["id"])])
    return Page(items=[call_summary_out(row) for row in kept], next=following)


@router.get("/calls/{call_id}", operation_id="getCall", summary="One call", responses=problem_responses(404))
async def get_call(*, caller: CallReader, work: WorkDep, rules: RulesDep, call_id: UUID) -> CallOut:
    """The call, its decision, its live hold and its booking."""
    call, booking = await read_call(work, caller, call_id)
    return call_out(rules, call, booking, work.now)


@router.get(
    "/calls/{call_id}/contact",
    operation_id="readContact",
    summary="The patient's name and phone (audited)",
    responses=problem_responses(404),
)
async def get_contact(*, caller: ContactReader, work: WorkDep, runtime: RuntimeDep, call_id: UUID) -> ContactOut:
    """For the caller's organisation, the operator and the practitioner who is booked; 403 `contact_not_yours`.

    Each reading is written down. 404 `contact_not_found` when none was given or its days are over.
    """
    return ContactOut(**await read_contact(work, runtime.keyring, caller, call_id))


@router.post(
    "/calls/{call_id}/cancel",
    operation_id="cancelCall",
    summary="Close a call that has no visit",
    responses=problem_responses(404, 409),
)
async def post_cancel(*, caller: CallWriter, work: WorkDep, rules: RulesDep, call_id: UUID, body: ReasonIn) -> CallOut:
    """Releases its hold. 409 `call_not_open` once booked (cancel the booking) or closed."""
    await cancel_call(work, caller, call_id, body.reason)
    call, booking = await read_call(work, caller, call_id)
    return call_out(rules, call, booking, work.now)
