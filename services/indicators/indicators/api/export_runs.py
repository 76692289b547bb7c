"""Runs of exports: ordered, listed, tried again, downloaded."""

import base64
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Response
from pydantic import TypeAdapter

from indicators.api.export_schemas import (
    ExportOrder,
    ExportRunDetail,
    ExportRunOut,
    ExportScheduleOut,
    RunState,
)
from indicators.domain.due import next_due
from indicators.usecases.find_exports import fetch_file, find_export, list_attempts, list_exports
from indicators.usecases.load_exports import EXPORTS, ExportBook
from indicators.usecases.order_export import order_export, retry_export
from kit.auth import Caller
from kit.blobs import read_bytes
from kit.file_answers import FILE_ANSWER, file_answer
from kit.http import RuntimeDep, WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses

router = service_router(tags=["exports"])

Reader = Annotated[Caller, require("exports:read")]
Orderer = Annotated[Caller, require("exports:write")]
_BY_ID: TypeAdapter[tuple[UUID]] = TypeAdapter(tuple[UUID])
_BY_NAME: TypeAdapter[tuple[str]] = TypeAdapter(tuple[str])


async def _book(runtime: RuntimeDep) -> ExportBook:
    book: ExportBook = runtime.extras[EXPORTS]
    return book


BookDep = Annotated[ExportBook, Depends(_book)]


@router.get("/export-schedules", operation_id="listExportSchedules", summary="What is owed to whom, and when next")
async def list_schedules(caller: Reader, book: BookDep, page: PageDep, work: WorkDep) -> Page[ExportScheduleOut]:
    """In the order of their ids. `next_due_at` is the next time it falls due."""
    rules, after = book.of(work.territory), page.first_key(_BY_NAME)
    known = sorted((it for it in rules.schedules if after is None or it.id > after), key=lambda it: it.id)
    kept, following = page_of(known[: page.limit + 1], page, key=lambda it: [it.id])
    items = [ExportScheduleOut.of(it, next_due(it, rules.zone, work.now)) for it in kept]
    return Page(items=items, next=following)


@router.post(
    "/export-runs",
    status_code=202,
    operation_id="orderExport",
    summary="Order an export of a period, kept for download",
)
async def post_run(caller: Orderer, order: ExportOrder, book: BookDep, work: WorkDep) -> ExportRunOut:
    """Made in the background; `GET /v1/export-runs/{id}` tells how far it is, and its files once they are there.

    For readers outside (`inside: false`) it waits for the approval of its period; 409 `period_not_over`.
    """
    run = await order_export(
        work,
        book,
        caller.subject,
        what=order.what,
        period=order.period,
        formats=order.formats,
        inside=order.inside,
    )
    return ExportRunOut.of(run, [])


@router.get("/export-runs", operation_id="listExportRuns", summary="Exports, newest first")
async def list_runs(
    caller: Reader,
    page: PageDep,
    work: WorkDep,
    state: Annotated[RunState | None, Query(description="`failed`, `waiting_for_approval`: somebody must act")] = None,
    schedule: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[ExportRunOut]:
    """Each with its files and their digests."""
    found = await list_exports(work, state=state, schedule=schedule, after=page.first_key(_BY_ID), limit=page.limit + 1)
    kept, following = page_of(found, page, key=lambda it: [str(it.run["id"])])
    return Page(items=[ExportRunOut.of(it.run, it.files) for it in kept], next=following)


@router.get(
    "/export-runs/{run_id}",
    operation_id="getExportRun",
    summary="One export: progress, files, every attempt to deliver it",
    responses=problem_responses(404),
)
async def get_run(caller: Reader, run_id: UUID, work: WorkDep) -> ExportRunDetail:
    """`progress` counts the steps: figures, one for each format, delivery."""
    return await _detail(work, run_id)


@router.post(
    "/export-runs/{run_id}/retry",
    status_code=202,
    operation_id="retryExport",
    summary="Try a failed export again",
    responses=problem_responses(404, 409, 410),
)
async def post_retry(caller: Orderer, run_id: UUID, work: WorkDep) -> ExportRunDetail:
    """From where it failed: files that were made are delivered as they are, under the same key."""
    await retry_export(work, run_id)
    return await _detail(work, run_id)


@router.get(
    "/export-runs/{run_id}/files/{name}",
    operation_id="getExportFile",
    summary="One file of an export",
    response_class=Response,
    responses={**FILE_ANSWER, **problem_responses(404, 410)},
)
async def get_file(
    caller: Reader, run_id: UUID, name: Annotated[str, Path(max_length=200)], work: WorkDep, runtime: RuntimeDep
) -> Response:
    """The bytes that were delivered. `Repr-Digest` (RFC 9530) has their SHA-256; the first download is the receipt.

    410 `export_purged`: they are no longer kept; the run still tells their checksums.
    """
    file = await fetch_file(work, run_id, name, caller.subject)
    content = await read_bytes(runtime.blobs, file["blob"])
    answer = file_answer(content, file["media_type"], file["name"], digest=file["sha256"])
    answer.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(file['sha256'])).decode()}:"
    return answer


async def _detail(work: WorkDep, run_id: UUID) -> ExportRunDetail:
    found = await find_export(work, run_id)
    return ExportRunDetail.with_attempts(found.run, found.files, await list_attempts(work, run_id))
