"""The whole check of the record of accesses, for the command."""

from dataclasses import dataclass

from kit.crypto import Keyring
from kit.work import Work
from pathways.domain.audit import Finding
from pathways.store import audit
from pathways.usecases.seal_accesses import heads, verify_accesses


@dataclass(frozen=True)
class Verified:
    """What does not hold, and the newest seal of each territory."""

    findings: list[Finding]
    heads: dict[str, str]


async def verify_audit(work: Work, keyring: Keyring, known: dict[str, str]) -> Verified:
    """`known` are heads of an earlier run by territory, `number:seal`: each must still be in the chain."""
    findings = [it async for it in verify_accesses(work, keyring)]
    for territory, head in known.items():
        number, _, value = head.partition(":")
        seals = {str(row["number"]): row["seal"].hex() async for row in audit.seals(work, territory)}
        if seals.get(number) != value:
            findings.append(Finding(territory, int(number or 0), "the head of an earlier run is gone"))
    return Verified(findings, await heads(work))
