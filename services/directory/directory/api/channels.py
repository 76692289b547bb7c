"""Routes of channels: how somebody wants to be told. The page behind a confirmation link asks for no token."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import TypeAdapter

from directory.api.link_pages import page
from directory.api.params import ChannelReader, ChannelWriter, MeansDep, TerritoryPath
from directory.api.schemas_messages import PARTNER_PATTERN, ChannelChange, ChannelIn, ChannelOut, channel_out
from directory.domain.channels import ChannelKind, Owner
from directory.domain.messages import OwnerKind, Purpose
from directory.usecases.change_channel import (
    change_channel,
    confirm_channel,
    end_channel,
    find_confirmation,
    list_channels,
    resume_channel,
    send_confirmation,
    show_channel,
)
from directory.usecases.open_channel import open_channel
from kit.as_of import AsOfDep
from kit.http import IfMatch, RuntimeDep, WorkDep, no_effect, service_router
from kit.link_pages import SHOWN, SecretPath
from kit.pagination import Page, PageDep, page_of
from kit.problems import field_problem, problem_responses

router = service_router(tags=["channels"])

ID = TypeAdapter(tuple[UUID])
ChannelPath = Annotated[UUID, Path(description="Channel")]


async def owner_of(kind: OwnerKind | None, name: str | None) -> Owner | None:
    """The owner of a filter. Raises Problem 422 for half of one."""
    if (kind is None) != (name is None):
        raise field_problem("owner", "owner_incomplete", "Give owner_kind and owner together")
    return None if kind is None or name is None else Owner(kind, name)


@router.post(
    "/channels",
    operation_id="openChannel",
    summary="Say how somebody wants to be told",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def post_channel(
    *,
    caller: ChannelWriter,
    work: WorkDep,
    means: MeansDep,
    body: ChannelIn,
) -> ChannelOut:
    """A practitioner or partner their own, a coordinator anybody's. An e-mail address serves once it is confirmed.

    404 `professional_unknown`, `structure_unknown`; 409 `channel_exists`; 403 `not_own_channel`;
    422 `address_refused`, `secure_mailbox_refused`.
    """
    row = await open_channel(
        work,
        means,
        caller,
        owner=Owner(body.owner.kind, body.owner.id),
        kind=body.kind,
        address=body.address,
        purposes=list(body.purposes),
    )
    return channel_out(row)


@router.get("/channels", operation_id="listChannels", summary="Who wants to be told how")
async def get_channels(
    *,
    caller: ChannelReader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    owner_kind: OwnerKind | None = None,
    owner: Annotated[str | None, Query(max_length=80, pattern=PARTNER_PATTERN)] = None,
    kind: ChannelKind | None = None,
    purpose: Purpose | None = None,
    ended: Annotated[bool, Query(description="Those that ended as well")] = False,
) -> Page[ChannelOut]:
    """In the order in which they were opened; a caller who is no coordinator sees their own."""
    last = page.key(ID)
    rows = await list_channels(
        work,
        caller,
        owner=await owner_of(owner_kind, owner),
        kind=kind,
        purpose=purpose,
        ended=ended,
        after=last and last[0],
        until=until,
        limit=page.limit + 1,
    )
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[channel_out(row) for row in kept], next=following)


@router.get(
    "/channels/{channel_id}", operation_id="getChannel", summary="One channel", responses=problem_responses(404)
)
async def get_channel(*, caller: ChannelReader, work: WorkDep, channel_id: ChannelPath) -> ChannelOut:
    """404 `channel_unknown`, 403 `not_own_channel`."""
    return channel_out(await show_channel(work, caller, channel_id))


@router.patch(
    "/channels/{channel_id}",
    operation_id="changeChannel",
    summary="Change what a channel is for, or pause it",
    responses=problem_responses(404, 409, 412),
)
async def patch_channel(
    *,
    caller: ChannelWriter,
    work: WorkDep,
    channel_id: ChannelPath,
    body: ChannelChange,
    if_match: IfMatch = None,
) -> ChannelOut:
    """What is not given stays. Another address is another channel. 409 `channel_ended`.

    `If-Match`: the `version` that was read, in quotes.
    """
    row = await change_channel(
        work,
        caller,
        channel_id,
        purposes=list(body.purposes) if body.purposes is not None else None,
        paused=body.paused,
        if_match=if_match,
    )
    return channel_out(row)


@router.post(
    "/channels/{channel_id}/end",
    operation_id="endChannel",
    summary="Be told nothing more here",
    responses=problem_responses(404),
)
async def post_end(*, caller: ChannelWriter, work: WorkDep, channel_id: ChannelPath) -> ChannelOut:
    """What waits is cancelled. Ending it again changes nothing."""
    return channel_out(await end_channel(work, caller, channel_id))


@router.post(
    "/channels/{channel_id}/resume",
    operation_id="resumeChannel",
    summary="Use a channel again that was disabled",
    responses=problem_responses(404, 409),
)
async def post_resume(*, caller: ChannelWriter, work: WorkDep, channel_id: ChannelPath) -> ChannelOut:
    """What waited leaves now. 409 `channel_ended`."""
    return channel_out(await resume_channel(work, caller, channel_id))


@router.post(
    "/channels/{channel_id}/confirmation",
    operation_id="askConfirmation",
    summary="Send the confirmation link again",
    responses=problem_responses(404, 409),
)
async def post_confirmation(
    *,
    caller: ChannelWriter,
    work: WorkDep,
    means: MeansDep,
    channel_id: ChannelPath,
) -> ChannelOut:
    """The link before is void. 409 `nothing_to_confirm`, `channel_ended`."""
    return channel_out(await send_confirmation(work, means, caller, channel_id))


@router.get(
    "/channel-confirmations/{territory}~{secret}",
    operation_id="showConfirmation",
    summary="The page behind a confirmation link (no token: the address is the secret)",
    response_class=HTMLResponse,
    responses={**problem_responses(404, 410), 200: SHOWN},
)
async def get_confirmation(
    *, work: WorkDep, runtime: RuntimeDep, territory: TerritoryPath, secret: SecretPath
) -> Response:
    """It only asks: programs that look into mails open links by themselves, and must confirm nothing.

    404 `confirmation_unknown`, 410 `confirmation_expired`.
    """
    work.territory = territory
    found = await find_confirmation(work, runtime.keyring, secret)
    if found["verified_at"] is not None:
        return _page(told="Cette adresse est confirmée.")
    return _page(ask="Confirmer cette adresse")


@router.post(
    "/channel-confirmations/{territory}~{secret}",
    operation_id="confirmChannel",
    summary="Confirm an e-mail address (no token: the address is the secret)",
    response_class=HTMLResponse,
    responses={**problem_responses(404, 410), 200: SHOWN},
)
@no_effect  # A form of a page sends no Idempotency-Key; confirming twice is confirming once.
async def post_confirm(*, work: WorkDep, runtime: RuntimeDep, territory: TerritoryPath, secret: SecretPath) -> Response:
    """What the button of the page does. 404 `confirmation_unknown`, 410 `confirmation_expired`."""
    work.territory = territory
    await confirm_channel(work, runtime.keyring, secret)
    return _page(told="Merci, cette adresse est confirmée. Vous pouvez fermer cette page.")


def _page(**parts: str) -> Response:
    return page("button.html.j2", 200, title="Confirmation", **parts)
