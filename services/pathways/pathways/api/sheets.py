"""Routes on synthesis sheets (*fiches de synthèse*) and visits of them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from kit.answers import filled
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.versions import etag
from kit.work import Record
from pathways.api.activity_params import ActivityReader, ActivityWriter, WordsDep
from pathways.api.fields import CodeQuery
from pathways.api.params import BY_ID
from pathways.api.schemas_prevention import PublishedSheetOut, SheetOut, SheetState, SheetTextIn, VisitsOut
from pathways.usecases.keep_sheets import (
    SheetText,
    list_sheets,
    publish_sheet,
    read_sheet,
    show_visits,
    withdraw_sheet,
    write_sheet,
)

router = service_router(tags=["synthesis sheets"])
SheetPath = Annotated[UUID, Path(description="Id of the sheet")]


@router.post("/synthesis-sheets", operation_id="writeSheet", summary="Write a synthesis sheet", status_code=201)
async def post_sheet(
    *, caller: ActivityWriter, work: WorkDep, words: WordsDep, body: SheetTextIn, response: Response
) -> SheetOut:
    """A draft, until it is published."""
    row = await write_sheet(work, caller, words, None, SheetText(**body.model_dump()))
    response.headers["Location"] = f"/v1/synthesis-sheets/{row['id']}"
    return _sheet(row)


@router.get("/synthesis-sheets", operation_id="listSheets", summary="Synthesis sheets of the territory")
async def get_sheets(
    *,
    caller: ActivityReader,
    work: WorkDep,
    page: PageDep,
    topic: CodeQuery = None,
    state: Annotated[SheetState, Query()] = "published",
) -> Page[SheetOut]:
    """The newest first. Its first page counts as a visit of the space, unless by who writes sheets."""
    found = await list_sheets(work, caller, topic=topic, state=state, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_sheet(row) for row in kept], next=following)


@router.get(
    "/synthesis-sheets/{sheet_id}",
    operation_id="readSheet",
    summary="A published synthesis sheet",
    responses=problem_responses(404, 410),
)
async def get_sheet(
    *,
    caller: ActivityReader,
    work: WorkDep,
    sheet_id: SheetPath,
    number: Annotated[int | None, Query(ge=1, le=100_000, description="A version; the latest unless given")] = None,
) -> PublishedSheetOut:
    """Counts as a visit of the sheet, unless by who writes sheets. 410 `sheet_withdrawn`."""
    row = await read_sheet(work, caller, sheet_id, number)
    return filled(PublishedSheetOut, row)


@router.put(
    "/synthesis-sheets/{sheet_id}",
    operation_id="changeSheet",
    summary="Write a sheet anew",
    responses=problem_responses(404, 409, 412),
)
async def put_sheet(
    *,
    caller: ActivityWriter,
    work: WorkDep,
    words: WordsDep,
    sheet_id: SheetPath,
    body: SheetTextIn,
    response: Response,
    if_match: IfMatch = None,
) -> SheetOut:
    """What is published stays as it is until the next publication. 409 `sheet_withdrawn`.

    `If-Match`: the `version` that was read, in quotes; 412 when somebody wrote since.
    """
    text = SheetText(**body.model_dump())
    row = await write_sheet(work, caller, words, sheet_id, text, if_match=if_match)
    response.headers["ETag"] = etag(row["version"])
    return _sheet(row)


@router.post(
    "/synthesis-sheets/{sheet_id}/publish",
    operation_id="publishSheet",
    summary="Publish a version",
    responses=problem_responses(404, 409),
)
async def post_publish(*, caller: ActivityWriter, work: WorkDep, sheet_id: SheetPath) -> SheetOut:
    """Numbered, never changed. 409 `sheet_withdrawn`."""
    return _sheet(await publish_sheet(work, caller, sheet_id))


@router.post(
    "/synthesis-sheets/{sheet_id}/withdraw",
    operation_id="withdrawSheet",
    summary="Withdraw a sheet",
    responses=problem_responses(404, 409),
)
async def post_withdraw(*, caller: ActivityWriter, work: WorkDep, sheet_id: SheetPath) -> SheetOut:
    """It is shown no more. 409 `sheet_withdrawn`."""
    return _sheet(await withdraw_sheet(work, caller, sheet_id))


@router.get("/sheet-visits", operation_id="getSheetVisits", summary="Visits of the space and of each sheet")
async def get_visits(
    *, caller: ActivityWriter, work: WorkDep, first: Annotated[date, Query()], last: Annotated[date, Query()]
) -> VisitsOut:
    """Between two days, both counted, a year at most."""
    space, sheets = await show_visits(work, first, last)
    return VisitsOut(space=space, sheets=sheets)


def _sheet(row: Record) -> SheetOut:
    return filled(SheetOut, row)
