"""Routes on communes, territories and structures."""

from typing import Annotated

from fastapi import Path, Query

from directory.api.answers import commune_out, state_out, structure_out, territory_out
from directory.api.params import (
    SLUG_PATTERN,
    DistanceQuery,
    FinessPath,
    NameQuery,
    NearQuery,
    Reader,
    ReferenceDep,
    WhereDep,
    after,
)
from directory.api.schemas import CommuneOut, StateOut, StructureOut, TerritoryDetailOut, TerritoryOut
from directory.domain.identifiers import COMMUNE_PATTERN
from directory.usecases.list_states import list_site_states
from directory.usecases.locate import Where
from directory.usecases.search_communes import search_communes, show_commune
from directory.usecases.search_structures import search_structures, show_structure
from directory.usecases.show_territory import show_territory
from kit.as_of import AsOfDep
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses

communes = service_router(tags=["communes"])
territories = service_router(tags=["territories"])
structures = service_router(tags=["structures"])


@communes.get("/communes", operation_id="searchCommunes", summary="Find communes")
async def list_communes(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    name: NameQuery = None,
    postal_code: Annotated[str | None, Query(pattern=r"^\d{5}$", examples=["35600"])] = None,
    near: NearQuery = None,
    max_distance_km: DistanceQuery = None,
) -> Page[CommuneOut]:
    """Communes of France, the nearest first when `near` is given, else the most populous. `St` counts as `Saint`."""
    rows = await search_communes(
        work,
        name=name,
        postal_code=postal_code,
        where=Where(near=near, max_distance_km=max_distance_km),
        after=after(page, int, str),
        limit=page.limit,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["rank"], row["insee"]])
    return Page(items=[commune_out(row) for row in kept], next=following)


@communes.get("/communes/{insee}", operation_id="getCommune", summary="One commune", responses=problem_responses(404))
async def get_commune(
    *,
    caller: Reader,
    work: WorkDep,
    insee: Annotated[str, Path(pattern=COMMUNE_PATTERN, description="INSEE code", examples=["35236"])],
) -> CommuneOut:
    """The commune of today: an old code, or that of an arrondissement, leads to its successor."""
    return commune_out(await show_commune(work, insee))


@territories.get("/territories", operation_id="listTerritories", summary="The territories of this deployment")
async def list_territories(*, caller: Reader, reference: ReferenceDep, page: PageDep) -> Page[TerritoryOut]:
    """Every CPTS that this deployment serves, by slug."""
    start = (after(page, str) or [""])[0]
    rows = [territory for slug, territory in sorted(reference.territories.items()) if slug > start]
    kept, following = page_of(rows, page, key=lambda territory: [territory.id])
    return Page(items=[territory_out(territory) for territory in kept], next=following)


@territories.get(
    "/territories/{slug}", operation_id="getTerritory", summary="One territory", responses=problem_responses(404)
)
async def get_territory(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    slug: Annotated[str, Path(pattern=SLUG_PATTERN, examples=["pays-de-redon"])],
) -> TerritoryDetailOut:
    """A territory with its communes; the list is empty while nobody knows them."""
    territory, rows = await show_territory(work, reference, slug)
    return TerritoryDetailOut(
        **dict(territory_out(territory)),
        municipal_population=sum(row["population"] for row in rows) if rows else None,
        communes=[commune_out(row) for row in rows],
    )


@structures.get("/structures", operation_id="searchStructures", summary="Find structures")
async def list_structures(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    page: PageDep,
    where: WhereDep,
    name: NameQuery = None,
    category: Annotated[
        str | None,
        Query(pattern=r"^\d{3,4}$", description="Code of FINESS, for instance 500 for nursing homes (EHPAD)"),
    ] = None,
    listed: Annotated[bool, Query(description="false: those closed, or no longer named")] = True,
    until: AsOfDep,
) -> Page[StructureOut]:
    """Sites with a FINESS number, the nearest first when `near` is given, else by name.

    With `at`, as they stood then; such a search needs a place (422 `place_missing`).
    """
    kinds = [int, str, str] if where.near else [str, str]
    start = after(page, *kinds)
    rows = await search_structures(
        work,
        reference,
        name=name,
        category=category,
        where=where,
        listed=listed,
        until=until,
        after=start,
        limit=page.limit,
    )
    kept, following = page_of(
        rows, page, key=lambda row: [row["metres"]] * bool(where.near) + [row["search_name"], row["finess"]]
    )
    return Page(items=[structure_out(row, reference) for row in kept], next=following)


@structures.get(
    "/structures/{finess}", operation_id="getStructure", summary="One structure", responses=problem_responses(404)
)
async def get_structure(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    finess: FinessPath,
    until: AsOfDep,
) -> StructureOut:
    """The structure of this FINESS number, listed or not; with `at`, as it was then."""
    return structure_out(await show_structure(work, finess, until), reference)


@structures.get(
    "/structures/{finess}/history",
    operation_id="listStructureStates",
    summary="What the structure was, the latest state first",
    responses=problem_responses(404),
)
async def get_states(*, caller: Reader, work: WorkDep, finess: FinessPath, page: PageDep) -> Page[StateOut]:
    """Each state with the import that brought it and in what it differs from the one before.

    The whole state of a moment: `GET /v1/structures/{finess}?at=`.
    """
    before = (after(page, int) or [2**31 - 1])[0]
    rows = await list_site_states(work, finess, before, page.limit)
    kept, following = page_of(rows, page, key=lambda state: [state.version])
    return Page(items=[state_out(state) for state in kept], next=following)
