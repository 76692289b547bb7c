"""Route of the record of accesses, as FHIR AuditEvent."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query, Response
from pydantic import AwareDatetime

from kit.http import WorkDep, service_router
from kit.pagination import PageDep, page_of
from pathways.api.params import BY_ID, Auditor
from pathways.usecases.export_accesses import bundle, export_accesses

router = service_router(tags=["audit"])

FHIR = "application/fhir+json"


@router.get(
    "/audit-events",
    operation_id="exportAuditEvents",
    summary="Who saw what of whom, as FHIR AuditEvent",
    response_class=Response,
    responses={200: {"description": "Bundle of AuditEvent", "content": {FHIR: {"schema": {"type": "object"}}}}},
)
async def several(
    *,
    caller: Auditor,
    work: WorkDep,
    page: PageDep,
    patient_id: Annotated[UUID | None, Query(description="Of this patient")] = None,
    subject: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="By this account")] = None,
    since: Annotated[AwareDatetime | None, Query(description="From this instant on")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this instant")] = None,
) -> Response:
    """The newest first; `link.next` is the query of the following page. No identity is in it."""
    after = page.first_key(BY_ID)
    rows = await export_accesses(
        work, patient_id=patient_id, subject=subject, since=since, until=until, after=after, limit=page.limit
    )
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Response(orjson.dumps(bundle(list(kept), following)), media_type=FHIR)
