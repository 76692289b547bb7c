"""Erasing what is known of a patient: rows, keys, history; a proof stays (GDPR 17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from kit.crypto import Keyring
from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.retention import ClassCode, ErasureReason, RestrictionReason, RetentionRules
from pathways.store import audit as access_batches
from pathways.store import erasures, held, patients, purges
from pathways.usecases.access import Access, check_present
from pathways.usecases.withdraw_visits import withdraw_all

JOB = "erase-patients"


@dataclass(frozen=True)
class Asked:
    """What a request for erasure led to: `erasing`, within a minute, or `restricted` while it has to be kept."""

    outcome: Literal["erasing", "restricted"]
    rules_version: str


async def ask_erasure(
    work: Work, access: Access, rules: RetentionRules, patient_id: UUID, reason: Literal["patient_request", "mistake"]
) -> Asked:
    """From the next request on nobody sees the patient. Raises Problem 403, 404, 409 `legal_claim` or 410."""
    await access.check(patient_id, "identity", "write", purpose=reason, action="erase")
    row = await _locked(work, patient_id)
    if row["restriction"] == "legal_claim":
        raise Problem(409, "legal_claim", "This is kept for a legal claim: lift the restriction first")
    code: Literal["followed", "never-followed"] = (
        "followed" if await erasures.was_followed(work, patient_id) else "never-followed"
    )
    if reason == "patient_request" and rules.of(code).on_request == "restrict":
        await erasures.restrict(work, patient_id, "patient_request", access.caller.subject)
        return Asked("restricted", rules.version)
    await erasures.ask(work, patient_id, reason, access.caller.subject)
    return Asked("erasing", rules.version)


async def restrict_patient(work: Work, access: Access, patient_id: UUID, reason: RestrictionReason | None) -> None:
    """Puts the entry aside, or takes it up again without `reason` (GDPR 18). Raises Problem 403, 404, 409 or 410."""
    await access.check(patient_id, "consent", "write", action="restrict" if reason else "lift_restriction")
    row = await _locked(work, patient_id)
    if (row["restricted_at"] is None) == (reason is None) or row["erasure_reason"] is not None:
        raise Problem(409, "restriction_unchanged", "It is so already, or being erased", restriction=row["restriction"])
    await erasures.restrict(work, patient_id, reason, access.caller.subject)


async def _locked(work: Work, patient_id: UUID) -> Record:
    row = await patients.lock(work, patient_id)
    if row is None:
        raise Problem(404, "patient_unknown", "No such patient on this territory")
    check_present(row)
    return row


async def erase_asked(work: Work, keyring: Keyring, by_territory: Mapping[str, RetentionRules], limit: int) -> int:
    """One batch of what was asked for, of all territories, under the system role."""
    rows = await erasures.asked(work, limit)
    for row in rows:
        await _erase(work, keyring, by_territory[row["territory"]], row)
    return len(rows)


async def erase_lapsed(work: Work, keyring: Keyring, by_territory: Mapping[str, RetentionRules], limit: int) -> int:
    """One batch of what is kept no longer, of each class and territory, under the system role."""
    done = 0
    for territory, rules in by_territory.items():
        followed, never = rules.kept_since("followed", work.now), rules.kept_since("never-followed", work.now)
        for row in await erasures.lapsed(work, territory, followed, never, limit):
            await _erase(work, keyring, rules, row)
            done += 1
        done += await _purge(work, keyring, rules, territory, limit)
    return done


async def _purge(work: Work, keyring: Keyring, rules: RetentionRules, territory: str, limit: int) -> int:
    """What is no entry of a patient. Answers of how many classes something went; each leaves one proof."""
    accesses = await access_batches.purge(work, territory, rules.kept_since("access-record", work.now), limit)
    gone: dict[ClassCode, dict[str, int]] = {"access-record": {"access_record": accesses} if accesses else {}}
    for it in purges.LAPSING:
        gone[it.code] = await purges.purge(work, it, territory, rules.kept_since(it.code, work.now), limit)
    told = {code: counts for code, counts in gone.items() if counts}
    for code, counts in told.items():
        await _prove(work, keyring, rules, code, territory=territory, reason="retention", counts=counts)
    return len(told)


async def _erase(work: Work, keyring: Keyring, rules: RetentionRules, row: Record) -> None:
    followed = await erasures.was_followed(work, row["id"])
    await withdraw_all(work, row["id"])
    counts = await held.erase_rows(work, row["id"])
    await erasures.empty(work, row["id"], JOB)
    await _prove(
        work,
        keyring,
        rules,
        "followed" if followed else "never-followed",
        territory=row["territory"],
        reason=row["reason"],
        counts=counts,
        patient_id=row["id"],
    )


async def _prove(
    work: Work,
    keyring: Keyring,
    rules: RetentionRules,
    code: ClassCode,
    *,
    territory: str,
    reason: ErasureReason,
    counts: dict[str, int],
    patient_id: UUID | None = None,
) -> None:
    digest = patient_digest(keyring, patient_id) if patient_id else None
    signed = "|".join(
        ("erasure", territory, work.now.isoformat(), code, reason, rules.version, repr(sorted(counts.items())))
    )
    await erasures.prove(
        work,
        territory,
        code=code,
        reason=reason,
        rules_version=rules.version,
        digest=digest,
        counts=counts,
        seal=keyring.digest(signed.encode() + (digest or b"")),
    )


def patient_digest(keyring: Keyring, patient_id: UUID) -> bytes:
    """What a proof says of the patient: who knows the id can ask whether it was erased, nobody can list the ids."""
    return keyring.blind_index(f"erased|{patient_id}")


async def list_proofs(work: Work, digest: bytes | None, after: UUID | None, limit: int) -> list[Record]:
    """One more than `limit`, the newest first; with a digest those of one patient."""
    return await erasures.proofs(work, digest, after, limit + 1)
