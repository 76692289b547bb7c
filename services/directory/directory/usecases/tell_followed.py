"""Telling other services of professionals and structures: those whom a territory of this deployment follows.

The register holds France; an event for everybody would flood the bus with people whom nobody here will ever call.
Followed are those who practise in a *département* of a territory, and those of whom a territory says something.
"""

from collections.abc import Mapping, Sequence

from contracts import directory as contract
from contracts.directory import ProfessionalUpdated, StructureUpdated
from contracts.envelope import NATIONAL
from directory.domain.professionals import Professional
from directory.domain.structures import Structure
from directory.store import following as store
from directory.store import professionals, structures
from kit.work import Work

_AT_ONCE = 500
"""Told by one transaction of the job."""


async def followed(work: Work, persons: Sequence[tuple[Professional, int]]) -> set[str]:
    """Those of these persons (each with its version) who are followed, as they are now or as the directory has them."""
    following = await store.departments(work)
    found = {person.rpps for person, _ in persons if following.anywhere(person.activities)}
    # Nobody has spoken of a person who is new, and they practised nowhere.
    others = [person.rpps for person, version in persons if version > 1 and person.rpps not in found]
    if not others:
        return found
    places = await store.places(work, others)
    before = {row["rpps"] for row in places if following.here(row["commune"], row["postal_code"])}
    return found | before | await store.spoken_of(work, others)


def tell_persons(work: Work, persons: Sequence[tuple[Professional, int]], *, listed: bool) -> None:
    """The whole state of each, with its version, as the event says it."""
    for person, version in persons:
        work.emit(told_of(person, listed=listed), version=version, territory=NATIONAL)


def told_of(person: Professional, *, listed: bool) -> ProfessionalUpdated:
    """The whole state of a person, as the event says it."""
    return ProfessionalUpdated(
        rpps=person.rpps,
        family_name=person.family_name,
        given_name=person.given_name,
        profession=person.profession,
        skills=person.skills,
        specialties=person.specialties,
        activities=tuple(
            contract.Activity(
                commune=activity.commune,
                mode=activity.mode,
                sector=activity.sector,
                finess=activity.finess,
                profession=activity.profession,
            )
            for activity in person.activities
        ),
        listed=listed,
    )


async def introduce(work: Work, rpps: str) -> None:
    """Tells of a person of whom a territory begins to speak and who practises elsewhere: nobody knows them yet.

    The version is that of the register: whoever knows them ignores it.
    """
    following = await store.departments(work)
    if any(following.here(row["commune"], row["postal_code"]) for row in await store.places(work, [rpps])):
        return
    if not await store.spoken_of(work, [rpps]):
        for row, person in await professionals.states(work, [rpps]):
            work.emit(told_of(person, listed=row["listed"]), version=row["version"], territory=NATIONAL)


async def tell_structures(
    work: Work, changed: Sequence[tuple[Structure, int]], before: Mapping[str, structures.Stored]
) -> None:
    """The whole state of each structure that is, or was before, in a followed département."""
    if not changed:
        return
    following = await store.departments(work)
    for site, version in changed:
        places = [site, before[site.finess].structure] if site.finess in before else [site]
        if following.anywhere(places):
            work.emit(_site_told(site), version=version, territory=NATIONAL)


def _site_told(site: Structure) -> StructureUpdated:
    return StructureUpdated(
        finess=site.finess,
        name=site.name,
        commune=site.commune,
        listed=site.listed,
        category=site.category,
        capacity=site.capacity,
        latitude=site.latitude,
        longitude=site.longitude,
    )


async def tell_new_department(work: Work) -> int:
    """Tells of those who stood in a département before it was followed; answers 0 when there is none."""
    row = await store.to_tell(work)
    if row is None:
        return 0
    department, persons_up_to, structures_up_to = row["department"], row["persons_up_to"], row["structures_up_to"]
    if persons_up_to is not None:
        persons_up_to = await _next_persons(work, department, persons_up_to)
    else:
        structures_up_to = await _next_structures(work, department, structures_up_to)
    await store.told(work, department, persons_up_to, structures_up_to)
    return 1


async def _next_persons(work: Work, department: str, after: str) -> str | None:
    numbers = await store.persons_of(work, department, after, _AT_ONCE)
    for row, person in await professionals.states(work, numbers):
        work.emit(told_of(person, listed=True), version=row["version"], territory=NATIONAL)
    return numbers[-1] if numbers else None


async def _next_structures(work: Work, department: str, after: str) -> str | None:
    numbers = await store.structures_of(work, department, after, _AT_ONCE)
    for stored in (await structures.known(work, numbers)).values():
        work.emit(_site_told(stored.structure), version=stored.version, territory=NATIONAL)
    return numbers[-1] if numbers else None
