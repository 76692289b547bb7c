"""The record of accesses as evidence: digests of its rows, and each row as FHIR AuditEvent (R4).

Source: ANS, « Traçabilité d'événements » (AuditEvent profiles); HL7 FHIR R4, AuditEvent.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

COLUMNS = (
    "id",
    "territory",
    "at",
    "subject",
    "rpps",
    "role",
    "organisation",
    "action",
    "kind",
    "purpose",
    "patient_id",
    "enrolment_id",
    "situation",
    "correlation_id",
)
"""What a seal stands for. A column that is added later is not under the seals of before."""
ROW_BYTES = 8
"""How much of the digest of each row a seal keeps, to say which one was altered."""


@dataclass(frozen=True)
class Finding:
    """Something that does not hold in the chain of seals. `row_id` where one row is known."""

    territory: str
    number: int
    what: str
    row_id: str | None = None

    def __str__(self) -> str:
        return f"{self.territory} batch {self.number}: {self.what}" + (f", row {self.row_id}" if self.row_id else "")


def row_digest(row: Mapping[str, Any]) -> bytes:
    """SHA-256 of one row. A separator that no value carries stands between the columns."""
    return hashlib.sha256("\x1f".join(_text(row[name]) for name in COLUMNS).encode()).digest()


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "\x00" if value is None else str(value)


def batch_digest(rows: Iterable[Mapping[str, Any]]) -> tuple[bytes, bytes]:
    """SHA-256 over the digests of the rows in their order, and the beginning of each of these digests."""
    digests = [row_digest(row) for row in rows]
    return hashlib.sha256(b"".join(digests)).digest(), b"".join(it[:ROW_BYTES] for it in digests)


def sealed_text(territory: str, number: int, *, rows: int, newest: datetime, digest: bytes, previous: bytes) -> bytes:
    """What is signed: it carries the seal before, so that no batch can be taken out or put in."""
    parts = (territory, number, rows, newest.astimezone(UTC).isoformat(), digest.hex(), previous.hex())
    return b"access-seal|" + "|".join(map(str, parts)).encode()


def altered(rows: Sequence[Mapping[str, Any]], digests: bytes) -> str | None:
    """The id of the first row that is not as it was sealed, where rows neither came nor went."""
    pairs = zip(rows, range(0, len(digests), ROW_BYTES), strict=False)
    changed = (row for row, at in pairs if row_digest(row)[:ROW_BYTES] != digests[at : at + ROW_BYTES])
    found = next(changed, None)
    return str(found["id"]) if found is not None else None


_ACTIONS = {"create": "C", "read": "R", "search": "E", "export": "R", "erase": "D"}
_PURPOSES = {"care": "TREAT", "coordination": "COORD", "patient_request": "PATRQT", "audit": "HAUDIT"}
_RPPS_SYSTEM = "urn:oid:1.2.250.1.71.4.2.1"


def audit_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as AuditEvent. An emergency is told as such (ETREAT), whatever purpose was given."""
    emergency = row["situation"] == "emergency" or row["action"] == "break_glass"
    purpose = "ETREAT" if emergency else _PURPOSES.get(row["purpose"], "HOPERAT")
    return {
        "resourceType": "AuditEvent",
        "id": str(row["id"]),
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "subtype": [{"system": "urn:cpts:access-action", "code": row["action"]}],
        "action": _ACTIONS.get(row["action"], "U"),
        "recorded": row["at"].isoformat(),
        "outcome": "0",
        "purposeOfEvent": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": purpose}]}
        ],
        "agent": [_agent(row)],
        "source": {"observer": {"display": "pathways"}},
        "entity": _entities(row),
    }


def _agent(row: Mapping[str, Any]) -> dict[str, Any]:
    rpps = {"system": _RPPS_SYSTEM, "value": f"8{row['rpps']}"} if row["rpps"] else None
    who = {"identifier": rpps or {"system": "urn:cpts:account", "value": row["subject"]}}
    role = {"role": [{"text": row["role"]}]} if row["role"] else {}
    return {"who": who, "altId": row["subject"], "requestor": True, **role}


def _entities(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    kind = {"name": row["kind"], "detail": [{"type": "correlation", "valueString": row["correlation_id"]}]}
    if row["situation"]:
        kind["detail"].append({"type": "situation", "valueString": row["situation"]})
    if row["patient_id"] is None:
        return [kind]
    patient = {"what": {"reference": f"Patient/{row['patient_id']}"}, "role": {"code": "1", "display": "Patient"}}
    return [patient, kind]
