"""Finding professionals by profession, specialty, place, distance, name and participation in SNP."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.facets import facet
from directory.store import name_words, professionals, search, search_counts, statements
from directory.store.search import Wanted
from directory.store.search_counts import Tally
from directory.usecases.attested_filters import NOTHING, Attested, attested_filters
from directory.usecases.known_codes import check_profession
from directory.usecases.load_reference import Reference
from directory.usecases.locate import Where, around, within
from directory.usecases.searched_name import person_name
from kit.work import Record, Work


@dataclass(frozen=True)
class Found:
    """A professional with its activities and what the territory attests of it, as rows."""

    person: Record
    activities: Sequence[Record]
    statements: Sequence[Record] = ()


@dataclass(frozen=True)
class Results:
    """One row more than asked for means a next page. `similar`: nobody has that name, these only look like it."""

    found: Sequence[Found]
    similar: bool
    ranked: bool

    def key(self, item: Found) -> list[object]:
        """Where the next page starts after this item."""
        rank = [item.person["metres"]] if self.ranked else []
        return [self.similar, *rank, item.person["search_name"], item.person["rpps"]]


async def search_professionals(
    work: Work,
    reference: Reference,
    *,
    profession: str | None = None,
    specialty: str | None = None,
    name: str | None = None,
    snp: bool | None = None,
    attested: Attested = NOTHING,
    where: Where,
    after: Sequence[object] | None = None,
    limit: int,
) -> Results:
    """Answers up to `limit` + 1. A name that nobody has is searched again by likeness. Raises Problem 422."""
    wanted = await wanted_of(
        work, reference, profession=profession, specialty=specialty, name=name, snp=snp, attested=attested, where=where
    )
    if after and after[0] and wanted.name:
        wanted = await _alike(work, wanted)
    rows = await search.search(work, wanted, after[1:] if after else None, limit + 1)
    if not rows and wanted.name and after is None:
        wanted = await _alike(work, wanted)
        rows = await search.search(work, wanted, None, limit + 1)
    return Results(await with_activities(work, rows), wanted.similar, wanted.around is not None)


async def wanted_of(
    work: Work,
    reference: Reference,
    *,
    profession: str | None,
    specialty: str | None,
    name: str | None,
    snp: bool | None,
    attested: Attested,
    where: Where,
) -> Wanted:
    """The filters, checked. Raises Problem 422, which names the field."""
    check_profession(reference.nomenclature, profession, specialty)
    wanted = Wanted(
        profession=None if implied(reference, profession, specialty) else profession,
        specialty=specialty,
        communes=await within(work, where, reference),
        around=await around(work, where),
        name=person_name(name),
        snp=snp,
    )
    if wanted.name and not wanted.placed:
        words = await name_words.beginning(work, wanted.name)
        wanted = replace(wanted, words=words, common=await name_words.common(work, words))
    bounded = wanted.placed or wanted.name is not None or snp is True
    return replace(wanted, **attested_filters(reference, attested, bounded=bounded))


async def count_professionals(work: Work, reference: Reference, wanted: Wanted) -> Tally:
    """How many a search would find, and what it would find narrowed once more; by likeness when it is nobody."""
    narrower = _narrower(reference, wanted)
    found = await search_counts.counts(work, wanted, narrower)
    if wanted.name and not found.total:
        found = await search_counts.counts(work, await _alike(work, wanted), narrower)
    if wanted.specialty and found.total:
        found.facets.setdefault(facet(reference.nomenclature.profession_of(wanted.specialty), None), found.total)
    return found


def _narrower(reference: Reference, wanted: Wanted) -> list[str] | None:
    """The facets by which a search may be narrowed: of a profession its specialties, of a specialty none."""
    if wanted.specialty is not None:
        return []
    if wanted.profession is None:
        return None
    specialties = reference.nomenclature.specialties.items()
    return [facet(None, code) for code, known in specialties if known.profession == wanted.profession]


async def _alike(work: Work, wanted: Wanted) -> Wanted:
    """The same search for names that look like the one typed: through the distinct words of names first."""
    return replace(wanted, similar=True, common=False, words=await name_words.alike(work, wanted.name or ""))


async def with_activities(work: Work, rows: Sequence[Record], until: datetime | None = None) -> list[Found]:
    """These persons, in this order, each with where it practises (practised before `until`)."""
    by_person: defaultdict[str, list[Record]] = defaultdict(list)
    for activity in await professionals.activities(work, [row["rpps"] for row in rows], until):
        by_person[activity["rpps"]].append(activity)
    said = await statements.by_subject(work, [row["rpps"] for row in rows], until)
    return [Found(row, by_person[row["rpps"]], said.get(row["rpps"], ())) for row in rows]


def implied(reference: Reference, profession: str | None, specialty: str | None) -> bool:
    """Whether a specialty says the profession as well."""
    return specialty is not None and reference.nomenclature.profession_of(specialty) == profession
