"""Routes on minutes (*procès-verbaux*) and the attendance sheet as a file."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from directory.api.csv_answers import CSV_ANSWER, csv_of
from directory.api.fields import Body
from directory.api.params import (
    AssociationDep,
    AssociationReader,
    AssociationWriter,
    MeansDep,
    ReferenceDep,
    Voter,
)
from directory.usecases.approve_minutes import approve_minutes, sign_minutes
from directory.usecases.keep_minutes import (
    MinutesFormat,
    MinutesView,
    read_minutes,
    show_minutes,
    write_minutes,
)
from directory.usecases.print_attendance import attendance_table, print_attendance
from kit.file_answers import PDF_ANSWER, csv_answer, file_answer, pdf_answer
from kit.http import IfMatch, RuntimeDep, WorkDep, service_router
from kit.problems import problem_responses
from kit.versions import etag

router = service_router(tags=["association"])

Words = Annotated[str, StringConstraints(max_length=20_000, strip_whitespace=True, pattern=r"^[^\x00]*$")]
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file; of approved minutes the same bytes each time",
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
}


class ItemText(Body):
    """What was said on an item of the agenda (from 1); 0: on none of them."""

    item: int = Field(ge=0, le=50)
    text: Words


class MinutesIn(Body):
    """All free texts, replacing those before."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"texts": [{"item": 1, "text": "Le trésorier présente ..."}]}]}
    )

    texts: list[ItemText] = Field(max_length=51)

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({it.item for it in self.texts}) < len(self.texts):
            raise ValueError("an item stands twice")
        return self


class ApprovalIn(Body):
    """The vote that adopted them, or the signed copy among the documents of the meeting."""

    ballot_id: UUID | None = None
    document_id: UUID | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.ballot_id is None) == (self.document_id is None):
            raise ValueError("give ballot_id or document_id")
        return self


class SignatureOut(BaseModel):
    """An officer who signed the text as it stands."""

    member_id: UUID
    role: str
    signed_at: datetime


class MinutesOut(BaseModel):
    """Minutes. Agenda, attendance and votes come from the record of the meeting: see the file."""

    meeting_id: UUID
    state: Literal["draft", "approved"]
    number: int | None
    texts: list[ItemText]
    way: Literal["vote", "signatures", "paper"] | None = Field(description="How they were approved")
    approved_at: datetime | None
    pdf_sha256: str | None
    signatures: list[SignatureOut]
    version: int


@router.get(
    "/meetings/{meeting_id}/minutes",
    operation_id="getMinutes",
    summary="The minutes of a meeting",
    responses=problem_responses(404),
)
async def get_minutes(
    *, caller: Voter, work: WorkDep, rules: AssociationDep, response: Response, meeting_id: UUID
) -> MinutesOut:
    """Approved ones for those who could attend; drafts for a coordinator and the bureau. 403 `not_invited`."""
    return _minutes(await show_minutes(work, caller, rules, meeting_id), response)


@router.put(
    "/meetings/{meeting_id}/minutes",
    operation_id="writeMinutes",
    summary="Write the minutes",
    responses=problem_responses(404, 409, 412),
)
async def put_minutes(
    *,
    caller: AssociationWriter,
    work: WorkDep,
    rules: AssociationDep,
    response: Response,
    meeting_id: UUID,
    body: MinutesIn,
    if_match: IfMatch = None,
) -> MinutesOut:
    """Free text by item; everything else is generated. A changed text is to be signed again.

    409 `minutes_approved`, `meeting_cancelled`. 412 `version_mismatch`. 422 `item_unknown`.
    """
    texts = [it.model_dump() for it in body.texts]
    found = await write_minutes(work, caller, rules, meeting_id=meeting_id, texts=texts, if_match=if_match)
    return _minutes(found, response)


@router.get(
    "/meetings/{meeting_id}/minutes/file",
    operation_id="getMinutesFile",
    summary="The minutes as a file",
    response_class=Response,
    responses={**_FILES, **problem_responses(404)},
)
async def get_file(
    *,
    caller: Voter,
    work: WorkDep,
    runtime: RuntimeDep,
    reference: ReferenceDep,
    meeting_id: UUID,
    wanted: Annotated[MinutesFormat, Query(alias="format")] = "pdf",
) -> Response:
    """Agenda, attendance, proxies, quorum, votes with their count, and the free texts. A draft says so."""
    found, content = await read_minutes(work, caller, runtime.keyring, reference, meeting_id=meeting_id, wanted=wanted)
    name = f"pv_{work.territory}_{found.row['number'] or 'projet'}.{wanted}"
    return pdf_answer(content, name) if wanted == "pdf" else file_answer(content, "text/html; charset=utf-8", name)


@router.post(
    "/meetings/{meeting_id}/minutes/sign",
    operation_id="signMinutes",
    summary="Sign the minutes",
    responses=problem_responses(404, 409),
)
async def post_sign(
    *, caller: Voter, work: WorkDep, means: MeansDep, response: Response, meeting_id: UUID
) -> MinutesOut:
    """An officer of the bureau whom the rules name; the last signature needed approves.

    403 `not_an_officer`. 409 `not_held`, `minutes_approved`, `way_not_allowed`.
    """
    return _minutes(await sign_minutes(work, caller, means, meeting_id), response)


@router.post(
    "/meetings/{meeting_id}/minutes/approve",
    operation_id="approveMinutes",
    summary="Approve the minutes",
    responses=problem_responses(404, 409),
)
async def post_approve(
    *,
    caller: AssociationWriter,
    work: WorkDep,
    means: MeansDep,
    response: Response,
    meeting_id: UUID,
    body: ApprovalIn,
) -> MinutesOut:
    """By a vote that adopted them, or on paper where the rules allow it. Numbered, and never changed again.

    409 `not_held`, `minutes_approved`, `way_not_allowed`, `not_adopted`, `ballot_open`. 422 `ballot_unknown`,
    `ballot_of_another_item`, `document_unknown`.
    """
    given = body.model_dump()
    return _minutes(await approve_minutes(work, caller, means, meeting_id, **given), response)


@router.get(
    "/meetings/{meeting_id}/attendance/file",
    operation_id="getAttendanceFile",
    summary="The attendance sheet as a file",
    response_class=Response,
    responses={
        200: {
            "description": "PDF to sign, or CSV",
            "content": {**PDF_ANSWER[200]["content"], **CSV_ANSWER[200]["content"]},
        },
        **problem_responses(404),
    },
)
async def get_sheet(
    *,
    caller: AssociationReader,
    work: WorkDep,
    runtime: RuntimeDep,
    reference: ReferenceDep,
    meeting_id: UUID,
    wanted: Annotated[Literal["pdf", "csv"], Query(alias="format")] = "pdf",
) -> Response:
    """Everybody who may attend, with what was noted, and room to sign (*feuille d'émargement*)."""
    name = f"emargement_{work.territory}_{meeting_id}.{wanted}"
    if wanted == "csv":
        head, lines = await attendance_table(work, runtime.keyring, reference.association(work.territory), meeting_id)
        return csv_answer(csv_of(head, lines), name)
    return pdf_answer(await print_attendance(work, runtime.keyring, reference, meeting_id), name)


def _minutes(found: MinutesView, response: Response) -> MinutesOut:
    response.headers["ETag"] = etag(found.row["version"])
    names = ("meeting_id", "state", "number", "approved_at", "pdf_sha256", "version")
    return MinutesOut(
        **{name: found.row[name] for name in names},
        texts=[ItemText(**it) for it in found.texts],
        way=found.approval["way"] if found.approval else None,
        signatures=[SignatureOut(**dict(it)) for it in found.signatures],
    )
