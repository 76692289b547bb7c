"""Routes of webhooks: opened, tested, followed, replayed. See docs/webhooks.md for who receives them."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import TypeAdapter

from directory.api.channels import owner_of
from directory.api.params import MeansDep, WebhookWriter
from directory.api.schemas_messages import PARTNER_PATTERN, DeliveryState
from directory.api.schemas_webhooks import (
    DeliveryBodyOut,
    DeliveryOut,
    OpenedOut,
    ReplayIn,
    ReplayOut,
    WebhookChange,
    WebhookEventOut,
    WebhookIn,
    WebhookOut,
    body_out,
    delivery_out,
    webhook_out,
)
from directory.domain.channels import Owner
from directory.domain.messages import OwnerKind
from directory.usecases.follow_deliveries import (
    list_deliveries,
    replay_delivery,
    replay_events,
    show_delivery,
    try_webhook,
)
from directory.usecases.open_webhook import (
    allowed_events,
    ask_for_events,
    list_webhooks,
    open_webhook,
    rotate_secret,
    show_webhook,
)
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses

router = service_router(tags=["webhooks"])

ID, SEQ = TypeAdapter(tuple[UUID]), TypeAdapter(tuple[int])
WebhookPath = Annotated[UUID, Path(description="Webhook, which is a channel")]
DeliveryPath = Annotated[UUID, Path(description="Delivery")]
ONE = "/webhooks/{channel_id}"


@router.get("/webhook-events", operation_id="listWebhookEvents", summary="What may be subscribed to")
async def get_events(*, caller: WebhookWriter, means: MeansDep) -> list[WebhookEventOut]:
    """With the scopes of this token. What is not in the list is told to nobody (`relayed-events.yaml`)."""
    return [WebhookEventOut(name=name, own=own) for name, own in allowed_events(means, caller)]


@router.post(
    "/webhooks",
    operation_id="openWebhook",
    summary="Have events told to a server",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def post_webhook(*, caller: WebhookWriter, work: WorkDep, means: MeansDep, body: WebhookIn) -> OpenedOut:
    """A partner its own, a coordinator anybody's. A signed test goes out at once; the webhook serves once it succeeded.

    The scopes of this token stay with the subscription: they decide what it is told. 404 `professional_unknown`,
    `structure_unknown`; 409 `channel_exists`; 422 `address_refused`, `event_not_allowed`; 403 `not_own_channel`.
    """
    row, secret = await open_webhook(
        work,
        means,
        caller,
        owner=Owner(body.owner.kind, body.owner.id),
        address=body.address,
        events=body.events,
        thin=body.thin,
        purposes=list(body.purposes),
    )
    return OpenedOut(**webhook_out(row).model_dump(), secret=secret)


@router.get("/webhooks", operation_id="listWebhooks", summary="Which servers are told what")
async def get_webhooks(
    *,
    caller: WebhookWriter,
    work: WorkDep,
    page: PageDep,
    owner_kind: OwnerKind | None = None,
    owner: Annotated[str | None, Query(max_length=80, pattern=PARTNER_PATTERN)] = None,
    ended: Annotated[bool, Query(description="Those that ended as well")] = False,
) -> Page[WebhookOut]:
    """A caller who is no coordinator sees their own."""
    last, asked = page.key(ID), await owner_of(owner_kind, owner)
    rows = await list_webhooks(work, caller, owner=asked, ended=ended, after=last and last[0], limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[webhook_out(row) for row in kept], next=following)


@router.get(ONE, operation_id="getWebhook", summary="One webhook", responses=problem_responses(404))
async def get_webhook(*, caller: WebhookWriter, work: WorkDep, channel_id: WebhookPath) -> WebhookOut:
    """404 `webhook_unknown`, 403 `not_own_channel`."""
    return webhook_out(await show_webhook(work, caller, channel_id))


@router.patch(ONE, operation_id="changeWebhook", summary="Ask for other events", responses=problem_responses(404, 409))
async def patch_webhook(
    *, caller: WebhookWriter, work: WorkDep, means: MeansDep, channel_id: WebhookPath, body: WebhookChange
) -> WebhookOut:
    """The scopes of this token replace those of before. 409 `channel_ended`, 422 `event_not_allowed`."""
    return webhook_out(await ask_for_events(work, means, caller, channel_id, events=body.events, thin=body.thin))


@router.post(
    f"{ONE}/rotate-secret",
    operation_id="rotateWebhookSecret",
    summary="Give it another secret",
    responses=problem_responses(404, 409),
)
async def post_rotate(*, caller: WebhookWriter, work: WorkDep, means: MeansDep, channel_id: WebhookPath) -> OpenedOut:
    """Shown this once. For a day both sign (two signatures in the header). 409 `channel_ended`."""
    row, secret = await rotate_secret(work, means, caller, channel_id)
    return OpenedOut(**webhook_out(row).model_dump(), secret=secret)


@router.post(
    f"{ONE}/test",
    operation_id="testWebhook",
    summary="Send a signed test now",
    status_code=202,
    responses=problem_responses(404, 409),
)
async def post_test(*, caller: WebhookWriter, work: WorkDep, channel_id: WebhookPath) -> DeliveryBodyOut:
    """One attempt; read the delivery for how it went. A first success confirms the webhook. 409 `channel_ended`."""
    return body_out(await try_webhook(work, caller, channel_id))


@router.get(
    f"{ONE}/deliveries",
    operation_id="listWebhookDeliveries",
    summary="What was delivered, the latest first",
    responses=problem_responses(404),
)
async def get_deliveries(
    *,
    caller: WebhookWriter,
    work: WorkDep,
    page: PageDep,
    channel_id: WebhookPath,
    state: DeliveryState | None = None,
    type: Annotated[str | None, Query(max_length=120, pattern=r"^[a-z0-9._-]+$")] = None,
) -> Page[DeliveryOut]:
    """Each with its attempts: when, status, time, beginning of the answer."""
    last = page.key(SEQ)
    rows, attempts = await list_deliveries(
        work, caller, channel_id, state=state, kind=type, before=last and last[0], limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [row["seq"]])
    return Page(items=[delivery_out(row, attempts.get(row["id"], [])) for row in kept], next=following)


@router.get(
    f"{ONE}/deliveries/{{delivery_id}}",
    operation_id="getWebhookDelivery",
    summary="One delivery with what is sent",
    responses=problem_responses(404),
)
async def get_delivery(
    *, caller: WebhookWriter, work: WorkDep, channel_id: WebhookPath, delivery_id: DeliveryPath
) -> DeliveryBodyOut:
    """404 `webhook_unknown`, `delivery_unknown`."""
    return body_out(await show_delivery(work, caller, channel_id, delivery_id))


@router.post(
    f"{ONE}/deliveries/{{delivery_id}}/replay",
    operation_id="replayWebhookDelivery",
    summary="Deliver it once more",
    responses=problem_responses(404, 409),
)
async def post_replay_one(
    *, caller: WebhookWriter, work: WorkDep, channel_id: WebhookPath, delivery_id: DeliveryPath
) -> DeliveryBodyOut:
    """Under the same `webhook-id`. 409 `still_queued`, `channel_ended`."""
    return body_out(await replay_delivery(work, caller, channel_id, delivery_id))


@router.post(
    f"{ONE}/replay",
    operation_id="replayWebhookEvents",
    summary="Deliver the events of a time once more",
    responses=problem_responses(404, 409),
)
async def post_replay(*, caller: WebhookWriter, work: WorkDep, channel_id: WebhookPath, body: ReplayIn) -> ReplayOut:
    """By default those that were given up; at most 10,000 at once. 409 `channel_ended`."""
    queued = await replay_events(work, caller, channel_id, since=body.since, until=body.until, states=list(body.states))
    return ReplayOut(queued=queued)
