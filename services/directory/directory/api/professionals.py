"""Routes on professionals and their part in unscheduled care."""

from typing import Annotated, Any

from fastapi import Query, Response

from directory.api.answers import professional_out, state_out
from directory.api.facets import AttestedDep, FacetsOut, facets_out
from directory.api.params import (
    CodeQuery,
    NameQuery,
    NationalIdPath,
    Reader,
    ReferenceDep,
    RppsPath,
    WhereDep,
    Writer,
    after,
)
from directory.api.schemas import (
    ParticipationIn,
    ParticipationOut,
    ProfessionalOut,
    ProfessionalPage,
    StateOut,
)
from directory.usecases.change_participation import Participation, change_participation, show_participation
from directory.usecases.list_states import list_states
from directory.usecases.search_past import search_past
from directory.usecases.search_professionals import count_professionals, search_professionals, wanted_of
from directory.usecases.show_professional import show_professional
from kit.as_of import AsOfDep
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import field_problem, problem_responses

router = service_router(tags=["professionals"])


@router.get("/professionals", operation_id="searchProfessionals", summary="Find professionals")
async def search(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    page: PageDep,
    where: WhereDep,
    profession: CodeQuery = None,
    specialty: CodeQuery = None,
    name: NameQuery = None,
    snp: Annotated[bool | None, Query(description="Takes part in SNP on the caller's territory, or does not")] = None,
    attested: AttestedDep,
    until: AsOfDep,
) -> ProfessionalPage:
    """Listed professionals, the nearest first when `near` is given, else by name.

    With `at`, those who were listed then, where they practised then: a place is needed (422 `place_missing`),
    and names that only look like it are not searched.

    With a place, `profession` is that practised there. A name that nobody has is searched again by
    likeness (`similar`). Unknown codes are refused with 422, which names the field.
    """
    kinds = [bool, int, str, str] if where.near else [bool, str, str]
    wanted: dict[str, Any] = {"profession": profession, "specialty": specialty, "name": name, "snp": snp}
    wanted |= {"where": where, "after": after(page, *kinds), "limit": page.limit}
    if until is None:
        results = await search_professionals(work, reference, attested=attested, **wanted)
    elif attested.asked:
        raise field_problem("at", "at_refused", "As of a day, what is attested is listed by /v1/statements")
    else:
        results = await search_past(work, reference, until=until, **wanted)
    kept, following = page_of(results.found, page, key=results.key)
    items = [professional_out(found, reference, until or work.now) for found in kept]
    return ProfessionalPage(items=items, next=following, similar=results.similar)


@router.get("/professionals/facets", operation_id="countProfessionals", summary="Count professionals")
async def count(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    where: WhereDep,
    profession: CodeQuery = None,
    specialty: CodeQuery = None,
    name: NameQuery = None,
    snp: Annotated[bool | None, Query(description="Takes part in SNP on the caller's territory, or does not")] = None,
    attested: AttestedDep,
) -> FacetsOut:
    """Whom the same search would find, and whom it would find narrowed by a profession, specialty or commune (50).

    Counted one by one up to 10,000. Beyond, `total` is `10,000+` and the others are rough.
    """
    wanted = await wanted_of(
        work, reference, profession=profession, specialty=specialty, name=name, snp=snp, attested=attested, where=where
    )
    return facets_out(await count_professionals(work, reference, wanted), reference.nomenclature)


@router.get(
    "/professionals/{rpps}",
    operation_id="getProfessional",
    summary="One professional",
    responses=problem_responses(404),
)
async def show(
    *, caller: Reader, work: WorkDep, reference: ReferenceDep, rpps: NationalIdPath, until: AsOfDep
) -> ProfessionalOut:
    """The entry of this number, listed or not; with `at`, as it was then."""
    return professional_out(await show_professional(work, rpps, until), reference, until or work.now)


@router.get(
    "/professionals/{rpps}/history",
    operation_id="listProfessionalStates",
    summary="What the entry was, the latest state first",
    responses=problem_responses(404),
)
async def states(*, caller: Reader, work: WorkDep, rpps: NationalIdPath, page: PageDep) -> Page[StateOut]:
    """Each state with the import that brought it and in what it differs from the one before.

    The whole state of a moment: `GET /v1/professionals/{rpps}?at=`.
    """
    before = (after(page, int) or [2**31 - 1])[0]
    rows = await list_states(work, rpps, before, page.limit)
    kept, following = page_of(rows, page, key=lambda state: [state.version])
    return Page(items=[state_out(state) for state in kept], next=following)


@router.get(
    "/professionals/{rpps}/participation",
    operation_id="getParticipation",
    summary="Does this professional take part in SNP here?",
    responses=problem_responses(404),
)
async def participation(
    *, caller: Reader, work: WorkDep, rpps: RppsPath, until: AsOfDep, response: Response
) -> ParticipationOut:
    """On the caller's territory. The `ETag` can go into `If-Match` of a change."""
    return _answer(await show_participation(work, rpps, until), response)


@router.put(
    "/professionals/{rpps}/participation",
    operation_id="changeParticipation",
    summary="Take part in SNP, or stop",
    responses=problem_responses(404, 412),
)
async def change(
    *,
    caller: Writer,
    work: WorkDep,
    rpps: RppsPath,
    body: ParticipationIn,
    response: Response,
    if_match: IfMatch = None,
) -> ParticipationOut:
    """A coordinator chooses for anyone, a practitioner for themself, on the caller's territory."""
    return _answer(await change_participation(work, caller, rpps, body.participates, if_match), response)


def _answer(present: Participation, response: Response) -> ParticipationOut:
    response.headers["ETag"] = present.etag
    return ParticipationOut(
        rpps=present.rpps,
        territory=present.territory,
        participates=present.participates,
        version=present.version,
        changed_at=present.changed_at,
    )
