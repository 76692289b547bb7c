"""Routes of figures that are entered by hand, with their proofs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Query, Response, UploadFile
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from indicators.api.parameters import CatalogueDep, Reader, indicator_named, period_named
from indicators.domain.periods import PERIOD_PATTERN
from indicators.domain.told import Told
from indicators.usecases.enter_figure import (
    Entry,
    enter_figure,
    list_entries,
    read_proof,
    receive_proof,
    show_entry,
)
from kit.answers import filled
from kit.auth import Caller
from kit.file_answers import FILE_ANSWER, file_answer, safe_name
from kit.http import RuntimeDep, WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["manual figures"])

Writer = Annotated[Caller, require("figures:write")]
ProofReader = Annotated[Caller, require("figures:proofs")]
Comment = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")]

_KEY = TypeAdapter(tuple[UUID])
_MOST = 1_000_000_000


class ManualFigureOut(BaseModel):
    """An entry. The one of the highest `number` stands for its indicator and period; the others it corrects."""

    id: UUID
    indicator: str = Field(examples=["N-03"])
    period: str = Field(examples=["2026"])
    number: int = Field(description="Counts the entries of an indicator and period from 1")
    numerator: int | None
    denominator: int | None
    value: float
    comment: str
    proof_type: str = Field(examples=["application/pdf"])
    proof_size: int = Field(description="Bytes")
    proof_digest: str = Field(description="SHA-256 of the proof")
    entered_at: datetime
    entered_by: str


@router.post(
    "/manual-figures",
    status_code=201,
    operation_id="enterFigure",
    summary="Enter a figure that no event feeds, with its proof, or correct one",
    responses=problem_responses(404, 409, 413),
)
async def post_figure(
    *,
    caller: Writer,
    catalogue: CatalogueDep,
    work: WorkDep,
    runtime: RuntimeDep,
    indicator: Annotated[str, Form(max_length=20, examples=["N-03"])],
    period: Annotated[str, Form(pattern=PERIOD_PATTERN, examples=["2026"])],
    comment: Annotated[Comment, Form(description="How it was counted. No name of a person")],
    file: Annotated[
        UploadFile | None,
        File(
            description="The proof: PDF, image, or office file without macros, at most 10 MB. A correction may keep it"
        ),
    ] = None,
    value: Annotated[float | None, Form(ge=0, le=_MOST, allow_inf_nan=False)] = None,
    numerator: Annotated[int | None, Form(ge=0, le=_MOST)] = None,
    denominator: Annotated[int | None, Form(ge=0, le=_MOST, description="Of a score: how many answered")] = None,
    corrects: Annotated[UUID | None, Form(description="The entry that stands and is wrong")] = None,
) -> ManualFigureOut:
    """A count, a score from 0 to 100, or a rate by its numbers or in percent. It is marked `manual` wherever it stands.

    404 `indicator_unknown`; 409 `figure_entered`, `corrected_already` (their `id` stands), `figure_imported`; 413;
    422 `indicator_fed`, `proof_missing`, `period_not_begun`, `file_type_refused`, `value_missing`, `rate_impossible`.
    """
    told = Told(numerator, denominator, value)
    found, when = indicator_named(indicator, catalogue), period_named(period, catalogue)
    entry = Entry(found, when, told, comment, corrects)
    name = safe_name(file.filename) if file else ""
    proof = await receive_proof(work, file, name, entry)
    return _entry(await enter_figure(work, caller, runtime.keyring, runtime.blobs, entry=entry, proof=proof))


@router.get("/manual-figures", operation_id="listManualFigures", summary="Figures entered by hand, the latest first")
async def get_figures(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    indicator: Annotated[str | None, Query(max_length=20)] = None,
    period: Annotated[str | None, Query(pattern=PERIOD_PATTERN)] = None,
) -> Page[ManualFigureOut]:
    """With those that were corrected since: the history of an indicator and period is this list."""
    rows = await list_entries(work, indicator, period, page.first_key(_KEY), page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_entry(row) for row in kept], next=following)


@router.get(
    "/manual-figures/{entry_id}",
    operation_id="getManualFigure",
    summary="One entry",
    responses=problem_responses(404),
)
async def get_figure(caller: Reader, work: WorkDep, entry_id: UUID) -> ManualFigureOut:
    """404 `manual_figure_unknown`."""
    return _entry(await show_entry(work, entry_id))


@router.get(
    "/manual-figures/{entry_id}/proof",
    operation_id="getProofOfManualFigure",
    summary="The proof of an entry",
    response_class=Response,
    responses={**FILE_ANSWER, **problem_responses(404)},
)
async def get_proof(caller: ProofReader, work: WorkDep, runtime: RuntimeDep, entry_id: UUID) -> Response:
    """As it was given; `ETag` is its SHA-256. 404 `manual_figure_unknown`."""
    row, name, content = await read_proof(work, runtime.keyring, runtime.blobs, entry_id)
    return file_answer(content, row["proof_type"], name, digest=row["proof_digest"])


def _entry(row: Record) -> ManualFigureOut:
    return filled(
        ManualFigureOut, row, indicator=row["figure"], entered_at=row["changed_at"], entered_by=row["changed_by"]
    )
