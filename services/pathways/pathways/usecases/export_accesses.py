"""The record of accesses as FHIR, for a control."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.audit import audit_event
from pathways.store import audit


async def export_accesses(
    work: Work,
    *,
    patient_id: UUID | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """One more than `limit`, the newest first."""
    return await audit.several(
        work, patient_id=patient_id, subject=subject, since=since, until=until, after=after, limit=limit + 1
    )


def bundle(rows: list[Record], following: str | None) -> dict[str, Any]:
    """A page of the record as FHIR Bundle (searchset) of AuditEvent."""
    link = [{"relation": "next", "url": f"?cursor={following}"}] if following else []
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": link,
        "entry": [{"resource": audit_event(row)} for row in rows],
    }
