"""Filters by what is attested, and counts by facet."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel, Field, StringConstraints

from directory.domain.nomenclature import Nomenclature
from directory.store.search import FACET_CAP
from directory.usecases.attested_filters import MOST, Attested

Capability = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}(=[A-Za-z0-9_-]{1,40})?$")]


class FacetOut(BaseModel):
    """How many of a code."""

    code: str
    label: str | None
    count: int


class FacetsOut(BaseModel):
    """Counts of a search."""

    total: str = Field(description="`10,000+` when there are more", examples=["132", "10,000+"])
    capped: bool = Field(description="The other counts are of the first 10,000 then")
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


def facets_out(rows: Sequence[Mapping[str, Any]], nomenclature: Nomenclature) -> FacetsOut:
    """From `facet, code, count` to the answer."""
    total = next(row["count"] for row in rows if row["facet"] == "total")
    specialties = {code: specialty.label for code, specialty in nomenclature.specialties.items()}

    def of(facet: str, labels: Mapping[str, str]) -> list[FacetOut]:
        found = (row for row in rows if row["facet"] == facet)
        return [FacetOut(code=row["code"], label=labels.get(row["code"]), count=row["count"]) for row in found]

    return FacetsOut(
        total=f"{FACET_CAP:,}+" if total > FACET_CAP else str(total),
        capped=total > FACET_CAP,
        professions=of("profession", nomenclature.professions),
        specialties=of("specialty", specialties),
        communes=of("commune", {}),
    )
