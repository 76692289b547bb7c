"""Erasing and restricting entries of patients, and the proofs that are left."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson

from kit.work import Record, Work

# The entry itself stays, empty: what refers to its id finds that there is nothing any more.
_EMPTY = """
UPDATE patient SET sealed = NULL, name_index = NULL, ins_index = NULL, birth_index = NULL, key_id = NULL, ref = NULL,
       commune = NULL, sex = NULL, identity_status = 'provisional', erased_at = $2, restricted_at = NULL,
       restriction = NULL, erasure_reason = NULL, version = version + 1, changed_at = $2, changed_by = $3
WHERE id = $1 OR merged_into = $1
"""
_DESTROY = "DELETE FROM patient_key WHERE patient_id = $1"
_FORGET = """
DELETE FROM change
WHERE entity = 'patient' AND key IN (SELECT id::text FROM patient WHERE id = $1 OR merged_into = $1)
"""
_ASKED = """
SELECT id, territory, erasure_reason AS reason FROM patient
WHERE erasure_reason IS NOT NULL AND erased_at IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_LAPSED = """
SELECT p.id, p.territory, 'retention' AS reason FROM patient p
WHERE p.territory = $1 AND p.sealed IS NOT NULL AND p.restriction IS DISTINCT FROM 'legal_claim'
  AND CASE WHEN EXISTS (SELECT FROM enrolment e WHERE e.patient_id = p.id)
      THEN NOT EXISTS (SELECT FROM enrolment e WHERE e.patient_id = p.id AND (e.closed_at IS NULL OR e.closed_at >= $2))
      ELSE p.created_at < $3
       AND NOT EXISTS (SELECT FROM doctor_search d WHERE d.patient_id = p.id AND d.closed_at IS NULL) END
ORDER BY p.id LIMIT $4 FOR UPDATE OF p SKIP LOCKED
"""
_FOLLOWED = "SELECT EXISTS (SELECT FROM enrolment WHERE patient_id = $1)"
_PROVE = """
INSERT INTO erasure_proof (id, territory, at, class, reason, rules_version, patient_digest, row_counts, seal)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9)
"""
_PROOFS = """
SELECT id, at, class, reason, rules_version, row_counts::text AS row_counts, seal FROM erasure_proof
WHERE ($1::uuid IS NULL OR id < $1) AND ($2::bytea IS NULL OR patient_digest = $2) ORDER BY id DESC LIMIT $3
"""
_ASK = """
UPDATE patient SET erasure_reason = $2, restricted_at = $3, restriction = 'patient_request',
       version = version + 1, changed_at = $3, changed_by = $4
WHERE id = $1
"""
_RESTRICT = """
UPDATE patient SET restricted_at = $2, restriction = $3, version = version + 1, changed_at = $4, changed_by = $5
WHERE id = $1
"""


async def empty(work: Work, patient_id: UUID, by: str) -> None:
    """Destroys the keys and leaves the entry without content; entries that were merged into it too."""
    await work.execute(_DESTROY, patient_id)
    await work.execute(_EMPTY, patient_id, work.now, by)
    await work.execute(_FORGET, patient_id)


async def asked(work: Work, limit: int) -> list[Record]:
    """Entries whose erasure was asked for, of every territory, locked."""
    return await work.fetch(_ASKED, limit)


async def lapsed(work: Work, territory: str, followed: datetime, never: datetime, limit: int) -> list[Record]:
    """Entries that are kept no longer: their last pathway ended before one instant, or nobody ever enrolled them."""
    return await work.fetch(_LAPSED, territory, followed, never, limit)


async def was_followed(work: Work, patient_id: UUID) -> bool:
    return bool(await work.fetchval(_FOLLOWED, patient_id))


async def prove(
    work: Work,
    territory: str,
    *,
    code: str,
    reason: str,
    rules_version: str,
    digest: bytes | None,
    counts: Mapping[str, int],
    seal: bytes,
) -> None:
    told = orjson.dumps(dict(counts)).decode()
    await work.execute(_PROVE, work.new_id(), territory, work.now, code, reason, rules_version, digest, told, seal)


async def proofs(work: Work, digest: bytes | None, after: UUID | None, limit: int) -> list[Record]:
    """The newest first."""
    return await work.fetch(_PROOFS, after, digest, limit)


async def ask(work: Work, patient_id: UUID, reason: str, by: str) -> None:
    """From now on nobody sees the entry; the job erases it."""
    await work.execute(_ASK, patient_id, reason, work.now, by)


async def restrict(work: Work, patient_id: UUID, reason: str | None, by: str) -> None:
    """Restricts, or lifts the restriction when there is no reason."""
    await work.execute(_RESTRICT, patient_id, work.now if reason else None, reason, work.now, by)
