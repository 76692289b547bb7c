"""Routes of communications about crises (I-63)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StringConstraints, TypeAdapter

from directory.api.fields import Body, Line
from directory.api.params import CrisisReader, CrisisWriter, MeansDep
from directory.usecases.send_communication import Said, list_communications, send_communication, show_communication
from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["crises"])

_KEY = TypeAdapter(tuple[UUID])


class CommunicationIn(Body):
    """What is said, and to whom. Nothing about a patient: e-mail is no secure mailbox."""

    subject: Line = Field(examples=["Canicule : consignes aux cabinets"])
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")] = Field(
        description="Markdown; HTML in it is shown as text"
    )
    lists: list[UUID] = Field(default=[], max_length=50, description="Diffusion lists")
    alerted: StrictBool = Field(
        default=False, description="Everybody with a confirmed channel for `alerts` too; each gets it once"
    )
    plan_id: UUID | None = None
    activation_id: UUID | None = None


class CommunicationOut(BaseModel):
    """What was said. To whom, and what became of it: `GET /v1/messages?batch=<id>`."""

    id: UUID
    subject: str
    text: str
    lists: list[UUID]
    plan_id: UUID | None
    activation_id: UUID | None
    recipients: int
    professionals: int = Field(description="Of these, professionals")
    delivered: int = Field(description="Recipients whom it has reached so far")
    sent_at: datetime
    sent_by: str


@router.post(
    "/crisis-communications",
    status_code=201,
    operation_id="sendCrisisCommunication",
    summary="Say something about crises to many",
    responses=problem_responses(404, 409),
)
async def post_communication(
    *, caller: CrisisWriter, work: WorkDep, means: MeansDep, body: CommunicationIn
) -> CommunicationOut:
    """To diffusion lists, to those who want alerts, or both. 409 `nobody_to_tell`; 422 `diffusion_list_unknown`."""
    return _out(await send_communication(work, means, caller, Said(**body.model_dump())))


@router.get("/crisis-communications", operation_id="listCrisisCommunications", summary="What was said about crises")
async def get_communications(
    *,
    caller: CrisisReader,
    work: WorkDep,
    page: PageDep,
    plan_id: UUID | None = None,
    activation_id: UUID | None = None,
) -> Page[CommunicationOut]:
    """The latest first."""
    seen = page.key(_KEY)
    rows = await list_communications(
        work, plan_id=plan_id, activation_id=activation_id, before=seen and seen[0], limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_out(row) for row in kept], next=following)


@router.get(
    "/crisis-communications/{communication_id}",
    operation_id="getCrisisCommunication",
    summary="One communication",
    responses=problem_responses(404),
)
async def get_communication(*, caller: CrisisReader, work: WorkDep, communication_id: UUID) -> CommunicationOut:
    """404 `communication_unknown`."""
    return _out(await show_communication(work, communication_id))


def _out(row: Record) -> CommunicationOut:
    return filled(CommunicationOut, row, sent_by=row["changed_by"])
