"""Routes on conflicts between what a territory attests and what the national source says."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import TypeAdapter

from directory.api.params import CodeQuery, Reader, ReferenceDep, Writer
from directory.api.schemas_entries import AttestedSide, ConflictOut, NationalSide, ResolutionIn
from directory.domain.conflicts import State
from directory.usecases.resolve_conflict import list_conflicts, resolve_conflict
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["conflicts"])

_KEY = TypeAdapter(tuple[UUID])


@router.get("/conflicts", operation_id="listConflicts", summary="Where the territory and the national source differ")
async def listing(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    state: Annotated[State, Query(description="Comparisons that agree can be asked for too")] = "open",
    kind: CodeQuery = None,
    about: Annotated[str | None, Query(pattern=r"^[0-9AB]{9,11}$", description="RPPS or FINESS number")] = None,
) -> Page[ConflictOut]:
    """Both values with their dates and sources. An import never overwrites what is attested."""
    rows = await list_conflicts(
        work, state=state, kind=kind, about=about, until=until, after=page.key(_KEY), limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[_shown(row) for row in kept], next=following)


@router.post(
    "/conflicts/{conflict_id}/resolve",
    operation_id="resolveConflict",
    summary="Settle a conflict",
    responses=problem_responses(404, 409),
)
async def resolve(
    *,
    caller: Writer,
    work: WorkDep,
    reference: ReferenceDep,
    conflict_id: Annotated[UUID, Path(description="Id of the conflict")],
    body: ResolutionIn,
) -> ConflictOut:
    """`attested` stands on, or is withdrawn so that `national` stands. A coordinator only (403).

    A settled conflict comes back only when a side says another thing. One that is not open is 409.
    """
    return _shown(
        await resolve_conflict(work, reference.statements, caller, conflict_id, keep=body.keep, reason=body.reason)
    )


def _shown(row: Record) -> ConflictOut:
    return filled(
        ConflictOut,
        row,
        place=row["place"] or None,
        attested=AttestedSide(value=row["attested"], source=row["attested_source"], at=row["attested_at"]),
        national=NationalSide(values=row["national"], at=row["national_at"]),
    )
