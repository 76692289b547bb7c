"""Routes on professionals and their part in unscheduled care."""

from typing import Annotated

from fastapi import Header, Query, Response

from directory.api.answers import professional_out
from directory.api.params import AsOfDep, NameQuery, Reader, ReferenceDep, RppsPath, WhereDep, Writer, after
from directory.api.schemas import ParticipationIn, ParticipationOut, ProfessionalOut, ProfessionalPage
from directory.usecases.change_participation import Participation, change_participation, show_participation
from directory.usecases.search_professionals import search_professionals
from directory.usecases.show_professional import show_professional
from kit.http import WorkDep, service_router
from kit.pagination import PageDep, page_of
from kit.problems import problem_responses

router = service_router(tags=["professionals"])

CodeQuery = Query(max_length=40, pattern=r"^[A-Za-z0-9-]+$")


@router.get("/professionals", operation_id="searchProfessionals", summary="Find professionals")
async def search(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    page: PageDep,
    where: WhereDep,
    profession: Annotated[str | None, CodeQuery] = None,
    specialty: Annotated[str | None, CodeQuery] = None,
    name: NameQuery = None,
    snp: Annotated[bool | None, Query(description="Takes part in SNP on the caller's territory, or does not")] = None,
) -> ProfessionalPage:
    """Listed professionals, the nearest first when `near` is given, else by name.

    With a place, `profession` is that practised there. A name that nobody has is searched again by
    likeness (`similar`). Unknown codes are refused with 422, which names the field.
    """
    kinds = [bool, int, str, str] if where.near else [bool, str, str]
    results = await search_professionals(
        work,
        reference,
        profession=profession,
        specialty=specialty,
        name=name,
        snp=snp,
        where=where,
        after=after(page, *kinds),
        limit=page.limit,
    )
    kept, following = page_of(results.found, page, key=results.key)
    items = [professional_out(found, reference.nomenclature) for found in kept]
    return ProfessionalPage(items=items, next=following, similar=results.similar)


@router.get(
    "/professionals/{rpps}",
    operation_id="getProfessional",
    summary="One professional",
    responses=problem_responses(404),
)
async def show(*, caller: Reader, work: WorkDep, reference: ReferenceDep, rpps: RppsPath) -> ProfessionalOut:
    """The entry of this RPPS number, listed or not."""
    return professional_out(await show_professional(work, rpps), reference.nomenclature)


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
    if_match: Annotated[str | None, Header(max_length=40, description="`ETag` of what was read")] = None,
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
