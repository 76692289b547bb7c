"""Routes of holds: a seat kept for a caller for a few minutes."""

import secrets
from typing import Any
from uuid import UUID

from kit.http import WorkDep, service_router
from kit.problems import MEDIA_TYPE, problem_responses
from snp_dispatch.api.answers import booking_out, hold_out
from snp_dispatch.api.params import CallReader, CallWriter, RulesDep
from snp_dispatch.api.schemas_calls import (
    BookingOut,
    ConfirmIn,
    HoldIn,
    HoldOut,
    NewHoldOut,
    ReleaseIn,
    TokenIn,
    TransferIn,
)
from snp_dispatch.usecases.confirm_hold import confirm_hold
from snp_dispatch.usecases.keep_hold import extend_hold, transfer_hold
from snp_dispatch.usecases.place_hold import place_hold
from snp_dispatch.usecases.read_calls import read_hold
from snp_dispatch.usecases.release_hold import release_hold

router = service_router(tags=["holds"])

_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "`slot_taken` with at most five `alternatives` (shaped as proposals), "
        "`slot_not_suitable` with its `reason`, `call_not_open`, `call_busy`, `quota_reached`",
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/ProblemBody"},
                "example": {
                    "type": "urn:cpts:problem:slot_taken",
                    "title": "Conflict",
                    "status": 409,
                    "code": "slot_taken",
                    "detail": "Somebody else has the slot",
                    "alternatives": [],
                },
            }
        },
    }
}


@router.post(
    "/calls/{call_id}/holds",
    status_code=201,
    operation_id="placeHold",
    summary="Keep a seat for a call",
    responses={**problem_responses(404), **_TAKEN},
)
async def post_hold(*, caller: CallWriter, work: WorkDep, rules: RulesDep, call_id: UUID, body: HoldIn) -> NewHoldOut:
    """A proposed slot, or any other that fits the call within the quotas. An earlier hold of the call is released.

    The call's own hold does not stand in its way: holding the same slot again gives a fresh token and time.
    """
    token = secrets.token_urlsafe(32)
    hold = await place_hold(work, rules, caller, call_id=call_id, slot_id=body.slot_id, token=token)
    return NewHoldOut(
        id=hold.id,
        call_id=hold.call_id,
        slot_id=hold.slot_id,
        token=token,
        expires_at=hold.expires_at,
        state="active",
        fence=hold.fence,
    )


@router.get("/holds/{hold_id}", operation_id="getHold", summary="One hold", responses=problem_responses(404))
async def get_hold(*, caller: CallReader, work: WorkDep, hold_id: UUID) -> HoldOut:
    """The hold as it stands now; never its token."""
    return hold_out(await read_hold(work, caller, hold_id), work.now)


@router.post(
    "/holds/{hold_id}/confirm",
    status_code=201,
    operation_id="confirmHold",
    summary="Book the seat that is held",
    responses=problem_responses(404, 409, 410),
)
async def post_confirm(
    *, caller: CallWriter, work: WorkDep, rules: RulesDep, hold_id: UUID, body: ConfirmIn
) -> BookingOut:
    """410 `hold_expired` when its time has passed, 403 `hold_token_wrong`, also once it was handed over.

    409 `hold_not_active`, `hold_fence_stale`, `call_not_open`; `already_booked` with the `booking_id` of a visit
    to come of the same `patient.ref` for the same profession and specialty.
    """
    return booking_out(rules, await confirm_hold(work, hold_id, body.token, body.fence))


@router.post(
    "/holds/{hold_id}/extend",
    operation_id="extendHold",
    summary="More time for a hold, once",
    responses=problem_responses(404, 409, 410),
)
async def post_extend(*, caller: CallWriter, work: WorkDep, rules: RulesDep, hold_id: UUID, body: TokenIn) -> HoldOut:
    """As long again as the policy's `hold_seconds`. 409 `hold_extended_already` the second time.

    410 `hold_expired`, 403 `hold_token_wrong`, 409 `hold_not_active`.
    """
    return hold_out(await extend_hold(work, rules, hold_id, body.token), work.now)


@router.post(
    "/holds/{hold_id}/transfer",
    operation_id="transferHold",
    summary="Hand a hold over: a new token, the old one is dead",
    responses=problem_responses(404, 409, 410),
)
async def post_transfer(*, caller: CallWriter, work: WorkDep, hold_id: UUID, body: TransferIn) -> NewHoldOut:
    """To a secretary, or to a link that the patient gets. The fence grows; the time stays.

    410 `hold_expired`, 403 `hold_token_wrong`, 409 `hold_not_active`.
    """
    token = secrets.token_urlsafe(32)
    hold = hold_out(await transfer_hold(work, hold_id, body.token, new_token=token, to=body.to), work.now)
    return NewHoldOut(**hold.model_dump(), token=token)


@router.post(
    "/holds/{hold_id}/release",
    operation_id="releaseHold",
    summary="Give a held seat back",
    responses=problem_responses(404, 409, 410),
)
async def post_release(*, caller: CallWriter, work: WorkDep, hold_id: UUID, body: ReleaseIn | None = None) -> HoldOut:
    """By its token, by the author of the call or by an operator.

    410 `hold_expired`, 403 `hold_token_wrong`, 409 `hold_not_active`.
    """
    return hold_out(await release_hold(work, caller, hold_id, body.token if body else None), work.now)
