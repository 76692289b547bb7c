"""Routes on published lists: numbered versions, their rows, files and differences."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from directory.api.params import Publisher, Reader, ReferenceDep
from directory.domain.publications import MEDIA_TYPES, Format
from directory.usecases.publish_list import publish_list
from directory.usecases.show_publication import (
    changes_since,
    find_publication,
    list_publications,
    list_rows,
    read_file,
)
from kit.file_answers import file_answer
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["publications"])

ListName = Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,39}$", examples=["accepting-doctors", "shared-resources"])]
_ID, _POSITION = TypeAdapter(tuple[UUID]), TypeAdapter(tuple[Annotated[int, Field(ge=0, le=2**31 - 1)]])
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, the same bytes each time",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()},
    }
}


class PublicationIn(BaseModel):
    """Which list: accepting-doctors, shared-resources (all themes) or shared-resources-oncology."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"list": "accepting-doctors"}]})

    list: ListName


class ColumnOut(BaseModel):
    """A column of the list; `label` is its French heading."""

    name: str
    label: str


class FileOut(BaseModel):
    """A file of the version."""

    format: Format
    size: int
    sha256: str


class PublicationOut(BaseModel):
    """One version. It never changes; a mistake is put right by the next one."""

    id: UUID
    list: str
    number: int = Field(description="Counts the versions of the list on the territory, from 1")
    title: str
    published_at: datetime
    published_by: str = Field(description="Subject of the token, or the job")
    row_count: int
    added: int = Field(description="Since the version before; all of them in the first")
    gone: int
    changed: int
    previous_id: UUID | None
    columns: list[ColumnOut]  # type: ignore[valid-type]
    files: list[FileOut]  # type: ignore[valid-type]


class RowOut(BaseModel):
    """One entry as it was printed."""

    key: str = Field(description="Whom or what it is about, the same in every version; for instance an RPPS number")
    cells: dict[str, str]


class FieldChangeOut(BaseModel):
    """One cell that changed."""

    column: str
    before: str
    after: str


class ChangeOfRowOut(BaseModel):
    """What became of one entry since the version before."""

    key: str
    label: str = Field(description="Its first cell")
    kind: Literal["added", "gone", "changed"]
    fields: list[FieldChangeOut]


@router.post("/publications", status_code=201, operation_id="publishList", summary="Publish the next version of a list")
async def post_publication(
    *, caller: Publisher, work: WorkDep, runtime: RuntimeDep, reference: ReferenceDep, body: PublicationIn
) -> PublicationOut:
    """Freezes what stands now under the next number, with its CSV, XLSX and PDF; also when nothing changed.

    `accepting-doctors` is published by itself once a quarter as well. 422 `list_unknown` names the lists.
    """
    return _publication(await publish_list(work, reference, runtime.blobs, body.list, caller.subject))


@router.get("/publications", operation_id="listPublications", summary="Published versions, the latest first")
async def get_publications(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    name: Annotated[str | None, Query(alias="list", pattern=r"^[a-z][a-z-]{1,39}$")] = None,
) -> Page[PublicationOut]:
    """Of the caller's territory, of one `list` or of all."""
    rows = await list_publications(work, name, page.first_key(_ID), page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_publication(row) for row in kept], next=following)


@router.get(
    "/publications/{publication_id}",
    operation_id="getPublication",
    summary="One version",
    responses=problem_responses(404),
)
async def get_publication(*, caller: Reader, work: WorkDep, publication_id: UUID) -> PublicationOut:
    """Its number, counts, columns and files."""
    return _publication(await find_publication(work, publication_id))


@router.get(
    "/publications/{publication_id}/rows",
    operation_id="listPublicationRows",
    summary="The entries of a version",
    responses=problem_responses(404),
)
async def get_rows(*, caller: Reader, work: WorkDep, page: PageDep, publication_id: UUID) -> Page[RowOut]:
    """As they were printed, in that order."""
    key = page.key(_POSITION)
    rows = await list_rows(work, publication_id, key[0] if key else 0, page.limit + 1)
    kept, following = page_of(rows, page, key=lambda it: [it[0]])
    return Page(items=[RowOut(key=row.key, cells=dict(row.cells)) for _, row in kept], next=following)


@router.get(
    "/publications/{publication_id}/changes",
    operation_id="listPublicationChanges",
    summary="What changed since the version before",
    responses=problem_responses(404),
)
async def get_changes(*, caller: Reader, work: WorkDep, page: PageDep, publication_id: UUID) -> Page[ChangeOfRowOut]:
    """Entries added and changed in the order of the list, then those gone, with the cells before and after."""
    key = page.key(_POSITION)
    start = key[0] if key else 0
    found = list(enumerate(await changes_since(work, publication_id), start=1))[start : start + page.limit + 1]
    kept, following = page_of(found, page, key=lambda it: [it[0]])
    items = [
        ChangeOfRowOut(
            key=it.key,
            label=it.label,
            kind=it.kind,
            fields=[FieldChangeOut(column=name, before=old, after=new) for name, (old, new) in it.fields.items()],
        )
        for _, it in kept
    ]
    return Page(items=items, next=following)


@router.get(
    "/publications/{publication_id}/file",
    operation_id="getPublicationFile",
    summary="A version as a file",
    response_class=Response,
    responses={**_FILE, **problem_responses(404)},
)
async def get_file(
    *,
    caller: Reader,
    work: WorkDep,
    runtime: RuntimeDep,
    publication_id: UUID,
    wanted: Annotated[Format, Query(alias="format")],
) -> Response:
    """CSV (UTF-8, semicolons), XLSX or PDF. The same bytes for the same version; `ETag` is their digest."""
    row, content = await read_file(work, runtime.blobs, publication_id, wanted)
    name = f"{row['list']}-{row['number']}.{wanted}"
    return file_answer(content, MEDIA_TYPES[wanted], name, digest=row["files"][wanted]["sha256"])


def _publication(row: Record) -> PublicationOut:
    files = row["files"]
    names = ("id", "list", "number", "title", "published_at", "row_count", "added", "gone", "changed", "previous_id")
    return PublicationOut(
        **{name: row[name] for name in names},
        published_by=row["changed_by"],
        columns=[ColumnOut(**column) for column in row["columns"]],
        files=[FileOut(format=it, size=files[it]["size"], sha256=files[it]["sha256"]) for it in MEDIA_TYPES],
    )
