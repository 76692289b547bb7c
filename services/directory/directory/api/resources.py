"""Routes on the common directory of resources (*répertoire commun des ressources*)."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import TypeAdapter

from directory.api.entries import CurrentQuery, shown
from directory.api.params import CodeQuery, CommuneQuery, NameQuery, Reader, ReferenceDep, Writer
from directory.api.schemas_entries import EndIn, ResourceIn, ResourceOut
from directory.usecases.add_entries import add_resource, change_resource
from directory.usecases.keep_entries import end_entry, show_entry
from directory.usecases.list_entries import Slice, list_resources
from kit.as_of import AsOfDep
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses

router = service_router(tags=["resources"])

_KEY = TypeAdapter(tuple[str, UUID])
ResourcePath = Annotated[UUID, Path(description="Id of the entry")]


@router.get("/resources", operation_id="searchResources", summary="Find resources")
async def listing(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    theme: CodeQuery = None,
    kind: CodeQuery = None,
    commune: CommuneQuery = None,
    text: NameQuery = None,
    holds: Annotated[bool | None, Query(description="Still attested on that day, or no longer")] = None,
    current: CurrentQuery = True,
) -> Page[ResourceOut]:
    """By name. `text`: beginnings of words of name, purpose and public. With `at`, as they stood then."""
    rows = await list_resources(
        work,
        theme=theme,
        kind=kind,
        commune=commune,
        text=text,
        holds=holds,
        current=current,
        page=Slice(until, page.key(_KEY), page.limit + 1),
    )
    kept, following = page_of(rows, page, key=lambda row: [row["search_name"], row["id"]])
    return Page(items=[shown(ResourceOut, row) for row in kept], next=following)


@router.post("/resources", operation_id="addResource", summary="Add a resource", status_code=201)
async def new(*, caller: Writer, work: WorkDep, reference: ReferenceDep, body: ResourceIn) -> ResourceOut:
    """A coordinator only (403). An unknown code, commune, structure or professional is 422."""
    return shown(ResourceOut, await add_resource(work, reference, caller, body.model_dump()))


@router.get(
    "/resources/{resource_id}", operation_id="getResource", summary="One resource", responses=problem_responses(404)
)
async def one(
    *, caller: Reader, work: WorkDep, resource_id: ResourcePath, until: AsOfDep, response: Response
) -> ResourceOut:
    """Ended or not."""
    return shown(ResourceOut, await show_entry(work, "resource", resource_id, until), response)


@router.put(
    "/resources/{resource_id}",
    operation_id="changeResource",
    summary="Attest a resource as it is now",
    responses=problem_responses(404, 409, 412),
)
async def change(
    *,
    caller: Writer,
    work: WorkDep,
    reference: ReferenceDep,
    resource_id: ResourcePath,
    body: ResourceIn,
    response: Response,
    if_match: IfMatch = None,
) -> ResourceOut:
    """The same again renews it. A coordinator only (403). One that has ended is 409."""
    row = await change_resource(work, reference, caller, resource_id, body.model_dump(), if_match=if_match)
    return shown(ResourceOut, row, response)


@router.post(
    "/resources/{resource_id}/end",
    operation_id="endResource",
    summary="End a resource",
    responses=problem_responses(404, 409),
)
async def end(*, caller: Writer, work: WorkDep, resource_id: ResourcePath, body: EndIn) -> ResourceOut:
    """A coordinator only (403). One that has ended is 409."""
    return shown(ResourceOut, await end_entry(work, caller, "resource", resource_id, body.on))
