"""Routes of messages: what was said to whom and what became of it, what waits."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import TypeAdapter

from directory.api.channels import owner_of
from directory.api.params import MessageReader, MessageWriter, SettingsDep
from directory.api.schemas_messages import (
    PARTNER_PATTERN,
    MessageOut,
    MessageState,
    QueueOut,
    QueuesOut,
    message_out,
)
from directory.domain.messages import OwnerKind
from directory.usecases.follow_messages import list_messages, queues, resend_message
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses

router = service_router(tags=["messages"])

ID = TypeAdapter(tuple[UUID])


@router.get("/messages", operation_id="listMessages", summary="What was said to whom, the latest first")
async def get_messages(
    *,
    caller: MessageReader,
    work: WorkDep,
    page: PageDep,
    owner_kind: OwnerKind | None = None,
    owner: Annotated[str | None, Query(max_length=80, pattern=PARTNER_PATTERN)] = None,
    kind: Annotated[str | None, Query(max_length=60, pattern=r"^[a-z_]+$")] = None,
    state: MessageState | None = None,
    batch: UUID | None = None,
) -> Page[MessageOut]:
    """Neither texts nor addresses. `state=unreachable` shows who could not be told, `failed` what was given up."""
    last = page.key(ID)
    rows = await list_messages(
        work,
        owner=await owner_of(owner_kind, owner),
        kind=kind,
        state=state,
        batch=batch,
        before=last and last[0],
        limit=page.limit + 1,
    )
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[message_out(row) for row in kept], next=following)


@router.get("/messages/queues", operation_id="readQueues", summary="What waits to be sent, and why")
async def get_queues(*, caller: MessageReader, work: WorkDep, settings: SettingsDep) -> QueuesOut:
    """Counts and the age of the oldest, of what is queued and what was given up."""
    rows, held = await queues(work, settings)
    found = [
        QueueOut(channel=row["lane"], state=row["state"], count=row["count"], oldest=row["oldest"]) for row in rows
    ]
    return QueuesOut(queues=found, email_held=held)


@router.post(
    "/messages/{message_id}/resend",
    operation_id="resendMessage",
    summary="Try again what was given up",
    responses=problem_responses(404, 409, 410),
)
async def post_resend(*, caller: MessageWriter, work: WorkDep, message_id: Annotated[UUID, Path()]) -> MessageOut:
    """404 `message_unknown`; 409 `nothing_to_resend`; 410 `content_forgotten`."""
    return message_out(await resend_message(work, message_id))
