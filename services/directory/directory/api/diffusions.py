"""Routes on diffusion lists, sending a version to them, and who received it."""

import re
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from directory.api.params import FINESS_PATTERN, RPPS_PATTERN, Publisher
from directory.api.schemas_messages import PARTNER_PATTERN
from directory.domain.channels import email
from directory.usecases.keep_diffusion_lists import (
    Named,
    add_recipient,
    end_recipient,
    open_list,
    show_deliveries,
    show_lists,
    show_recipients,
)
from directory.usecases.send_publication import send_publication
from kit.answers import filled
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["publications"])

Kind = Literal["professional", "establishment", "cpam", "msa", "other"]
OwnerKind = Literal["rpps", "finess", "partner", "email"]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
]
_ID = TypeAdapter(tuple[UUID])
_OWNERS = {"rpps": RPPS_PATTERN, "finess": FINESS_PATTERN, "partner": PARTNER_PATTERN}


class DiffusionListIn(BaseModel):
    """A new list."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "CPAM et MSA"}]})

    name: Name


class DiffusionListOut(BaseModel):
    """A list, with how many are on it today."""

    id: UUID
    name: str
    recipients: int


class RecipientIn(BaseModel):
    """Who is to receive: by the channels of an RPPS, FINESS or partner, or at an e-mail address (kept sealed)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "cpam", "name": "CPAM 35", "owner_kind": "email", "owner": "listes@example.org"}]
        },
    )

    kind: Kind
    name: Name
    owner_kind: OwnerKind
    owner: Name

    @model_validator(mode="after")
    def _owner_is_one(self) -> Self:
        pattern = _OWNERS.get(self.owner_kind)
        known = email(self.owner) if pattern is None else re.fullmatch(pattern, self.owner)
        if not known:
            raise ValueError(f"not an id of this kind ({self.owner_kind})")
        return self


class RecipientOut(BaseModel):
    """Somebody on a list; an e-mail address is shown masked."""

    id: UUID
    recipient: UUID = Field(description="The same on every list: opaque, for counting distinct recipients")
    kind: Kind
    name: str
    owner_kind: OwnerKind
    owner: str
    since: date
    until: date | None


class SendIn(BaseModel):
    """To which lists."""

    model_config = ConfigDict(extra="forbid")

    lists: list[UUID] = Field(min_length=1, max_length=50)


class SentOut(BaseModel):
    """To how many it goes now; who has had this version is left out."""

    planned: int


class DeliveryOut(BaseModel):
    """What became of a version for one recipient."""

    recipient: UUID
    name: str
    kind: Kind
    list_id: UUID
    list_name: str
    state: Literal["queued", "delivered", "failed", "cancelled", "unreachable"]
    lanes: list[str] = Field(description="By which ways: email, webhook")
    attempts: int
    requested_at: datetime
    delivered_at: datetime | None


@router.post(
    "/diffusion-lists",
    status_code=201,
    operation_id="openDiffusionList",
    summary="Make a diffusion list",
    responses=problem_responses(409),
)
async def post_list(*, caller: Publisher, work: WorkDep, body: DiffusionListIn) -> DiffusionListOut:
    """409 `diffusion_list_exists`."""
    row = await open_list(work, caller, body.name)
    return DiffusionListOut(id=row["id"], name=row["name"], recipients=0)


@router.get("/diffusion-lists", operation_id="listDiffusionLists", summary="Diffusion lists")
async def get_lists(*, caller: Publisher, work: WorkDep, page: PageDep) -> Page[DiffusionListOut]:
    """Of the caller's territory."""
    key = page.key(_ID)
    kept, following = page_of(await show_lists(work, key and key[0], page.limit + 1), page, key=_by_id)
    items = [filled(DiffusionListOut, row) for row in kept]
    return Page(items=items, next=following)


@router.post(
    "/diffusion-lists/{list_id}/recipients",
    status_code=201,
    operation_id="addRecipient",
    summary="Put somebody on a list",
    responses=problem_responses(404, 409),
)
async def post_recipient(
    *, caller: Publisher, work: WorkDep, runtime: RuntimeDep, list_id: UUID, body: RecipientIn
) -> RecipientOut:
    """From today on. 404 `diffusion_list_unknown`, 409 `recipient_listed`, 422 `secure_mailbox_refused`."""
    named = Named(body.kind, body.name, body.owner_kind, body.owner)
    return _recipient(await add_recipient(work, runtime.keyring, caller, list_id, named))


@router.get(
    "/diffusion-lists/{list_id}/recipients",
    operation_id="listRecipients",
    summary="Who is and was on a list",
    responses=problem_responses(404),
)
async def get_recipients(*, caller: Publisher, work: WorkDep, page: PageDep, list_id: UUID) -> Page[RecipientOut]:
    """With the days from and until which they receive."""
    key = page.key(_ID)
    rows = await show_recipients(work, list_id, key and key[0], page.limit + 1)
    kept, following = page_of(rows, page, key=_by_id)
    return Page(items=[_recipient(row) for row in kept], next=following)


@router.post(
    "/diffusion-lists/{list_id}/recipients/{recipient_id}/end",
    operation_id="endRecipient",
    summary="Take somebody off a list",
    responses=problem_responses(404),
)
async def post_end(*, caller: Publisher, work: WorkDep, list_id: UUID, recipient_id: UUID) -> RecipientOut:
    """From today on; what they received stays known. Ending again changes nothing of the day."""
    return _recipient(await end_recipient(work, caller, list_id, recipient_id))


@router.post(
    "/publications/{publication_id}/send",
    status_code=202,
    operation_id="sendPublication",
    summary="Send a version to diffusion lists",
    responses=problem_responses(404),
)
async def post_send(*, caller: Publisher, work: WorkDep, publication_id: UUID, body: SendIn) -> SentOut:
    """With its files, once to each recipient whatever the lists they stand on. 422 `diffusion_list_unknown`."""
    return SentOut(planned=await send_publication(work, caller, publication_id, body.lists))


@router.get(
    "/publications/{publication_id}/deliveries",
    operation_id="listPublicationDeliveries",
    summary="Who received a version",
    responses=problem_responses(404),
)
async def get_deliveries(*, caller: Publisher, work: WorkDep, page: PageDep, publication_id: UUID) -> Page[DeliveryOut]:
    """When, by which way, delivered or failed; `unreachable`: no confirmed channel."""
    key = page.key(_ID)
    rows = await show_deliveries(work, publication_id, key and key[0], page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["recipient"])])
    return Page(items=[_delivery(row) for row in kept], next=following)


def _by_id(row: Record) -> list[object]:
    return [str(row["id"])]


def _recipient(row: Record) -> RecipientOut:
    return filled(RecipientOut, row)


def _delivery(row: Record) -> DeliveryOut:
    return filled(DeliveryOut, row, lanes=row["lanes"] or [], attempts=row["attempts"] or 0)
