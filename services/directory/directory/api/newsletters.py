"""Routes of the newsletter (*lettre d'information*)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from directory.api.params import MeansDep, MessageReader, MessageWriter
from directory.api.schemas_messages import Stated
from directory.domain.channels import LONGEST_EMAIL
from directory.usecases.send_newsletter import list_newsletters, send_newsletter, show_newsletter
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["messages"])

ID = TypeAdapter(tuple[UUID])
Address = Annotated[str, StringConstraints(min_length=3, max_length=LONGEST_EMAIL)]


class NewsletterIn(Stated):
    """What is sent. Nothing about a patient: e-mail is no secure mailbox."""

    subject: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)] = Field(
        examples=["La lettre de la CPTS, décembre"]
    )
    text: str = Field(min_length=1, max_length=50_000, description="Markdown; HTML in it is shown as text")
    addresses: list[Address] = Field(
        default=[], max_length=500, description="Addresses of a diffusion list, beside those who subscribed"
    )


class NewsletterOut(BaseModel):
    """A newsletter that was sent. Who got it: `GET /v1/messages?batch=<id>`."""

    id: UUID
    subject: str
    text: str
    recipients: int
    delivered: int = Field(description="Recipients whom it has reached so far")
    sent_at: datetime
    sent_by: str


@router.post(
    "/newsletters",
    operation_id="sendNewsletter",
    summary="Send a newsletter",
    status_code=201,
    responses=problem_responses(409),
)
async def post_newsletter(
    *, caller: MessageWriter, work: WorkDep, means: MeansDep, body: NewsletterIn
) -> NewsletterOut:
    """To everybody with a confirmed channel for newsletters, and to `addresses`; each recipient is recorded.

    409 `nobody_to_tell`; 422 `address_refused`, `secure_mailbox_refused`. Addresses that unsubscribed are left out.
    """
    row = await send_newsletter(
        work, means, caller, subject=body.subject, text=body.text, addresses=list(body.addresses)
    )
    return _out(row)


@router.get("/newsletters", operation_id="listNewsletters", summary="Newsletters that were sent, the latest first")
async def get_newsletters(*, caller: MessageReader, work: WorkDep, page: PageDep) -> Page[NewsletterOut]:
    """With how many they have reached."""
    last = page.key(ID)
    rows = await list_newsletters(work, last and last[0], page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_out(row) for row in kept], next=following)


@router.get(
    "/newsletters/{newsletter_id}",
    operation_id="getNewsletter",
    summary="One newsletter",
    responses=problem_responses(404),
)
async def get_newsletter(
    *, caller: MessageReader, work: WorkDep, newsletter_id: Annotated[UUID, Path()]
) -> NewsletterOut:
    """404 `newsletter_unknown`."""
    return _out(await show_newsletter(work, newsletter_id))


def _out(row: Record) -> NewsletterOut:
    shared = ("id", "subject", "text", "recipients", "delivered", "sent_at")
    return NewsletterOut(**{name: row[name] for name in shared}, sent_by=row["changed_by"])
