"""Filters by what is attested, and counts by facet."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel, Field, StringConstraints

from directory.domain.facets import facet
from directory.domain.nomenclature import Nomenclature
from directory.store.search_counts import FACET_CAP, Tally
from directory.usecases.attested_filters import MOST, Attested

Capability = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}(=[A-Za-z0-9_-]{1,40})?$")]


class FacetOut(BaseModel):
    """How many of a code."""

    code: str
    label: str | None
    count: int


class FacetsOut(BaseModel):
    """Counts of a search, and of the same search narrowed by each code."""

    total: str = Field(description="`10,000+` when there are more", examples=["132", "10,000+"])
    capped: bool = Field(description="Then the others are rough: of the first 10,000, or twice who has two communes")
    professions: list[FacetOut]
    specialties: list[FacetOut]
    communes: list[FacetOut] = Field(description="By INSEE code, the 50 with most")


async def attested(
    capability: Annotated[
        list[Capability],
        Query(
            max_length=MOST,
            description="A kind of /v1/statement-kinds that is attested, or `kind=code`; several: all of them",
            examples=[["home_visits", "languages=br"]],
        ),
    ] = [],  # noqa: B006 - FastAPI copies it
    accepts: Annotated[
        bool | None, Query(description="Said to accept new patients on the territory, or not to; while it holds")
    ] = None,
    mode: Annotated[str | None, Query(pattern=r"^[A-Z]$", description="L, S or B: see /v1/nomenclature")] = None,
    sector: Annotated[str | None, Query(pattern=r"^[A-Z0-9]{2,8}$", examples=["SA07"])] = None,
) -> Attested:
    return Attested(tuple(capability), accepts, mode, sector)


AttestedDep = Annotated[Attested, Depends(attested)]


def facets_out(tally: Tally, nomenclature: Nomenclature) -> FacetsOut:
    """The answer, with most first."""
    specialties = {code: specialty.label for code, specialty in nomenclature.specialties.items()}
    by_profession = {code: tally.facets.get(facet(code, None), 0) for code in nomenclature.professions}
    by_specialty = {code: tally.facets.get(facet(None, code), 0) for code in specialties}
    capped = tally.total > FACET_CAP
    return FacetsOut(
        total=f"{FACET_CAP:,}+" if capped else str(tally.total),
        capped=capped,
        professions=_ranked(by_profession, nomenclature.professions),
        specialties=_ranked(by_specialty, specialties),
        communes=_ranked(tally.communes, {}),
    )


def _ranked(persons: Mapping[str, int], labels: Mapping[str, str]) -> list[FacetOut]:
    ranked = sorted(persons.items(), key=lambda item: (-item[1], item[0]))
    return [FacetOut(code=code, label=labels.get(code), count=count) for code, count in ranked if count]
