"""Deriving the projections again from the facts."""

from typing import Annotated
from uuid import UUID

from indicators.api.parameters import Reader
from indicators.api.schemas import RebuildOut
from indicators.usecases.request_rebuild import find_rebuild, request_rebuild
from kit.auth import Caller
from kit.http import WorkDep, require, service_router
from kit.problems import problem_responses

router = service_router(tags=["rebuilds"])

Rebuilder = Annotated[Caller, require("indicators:rebuild")]


@router.post(
    "/indicators/rebuild",
    status_code=202,
    operation_id="requestRebuild",
    summary="Derive all figures of the territory again from its facts",
)
async def post_rebuild(caller: Rebuilder, work: WorkDep) -> RebuildOut:
    """Runs in the background; figures stay readable. Ask `GET /v1/rebuilds/{id}` how it went."""
    return RebuildOut.of(await request_rebuild(work, caller.subject))


@router.get(
    "/rebuilds/{rebuild_id}",
    operation_id="getRebuild",
    summary="How a rebuild went",
    responses=problem_responses(404),
)
async def get_rebuild(caller: Reader, rebuild_id: UUID, work: WorkDep) -> RebuildOut:
    """`identical` says that no figure moved."""
    return RebuildOut.of(await find_rebuild(work, rebuild_id))
