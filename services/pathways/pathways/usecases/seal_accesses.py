"""Seals the record of accesses in batches, each seal over the one before, and verifies the chain.

Reading a patient only adds a row: nobody waits for a hash of what came before.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import groupby

from kit.crypto import Keyring
from kit.work import Record, Work
from pathways.domain.audit import Finding, altered, batch_digest, sealed_text
from pathways.store import audit

_LATEST = timedelta(minutes=10)


async def seal_accesses(work: Work, keyring: Keyring, limit: int) -> int:
    """One batch for each territory that has rows, under the system role. Answers how many rows were sealed."""
    rows = await audit.unsealed(work, limit)
    for territory, group in groupby(rows, key=lambda row: row["territory"]):
        await _seal(work, keyring, territory, sorted(group, key=lambda row: row["id"]))
    return len(rows)


async def _seal(work: Work, keyring: Keyring, territory: str, rows: list[Record]) -> None:
    number, previous = await audit.last(work, territory)
    digest, row_digests = batch_digest(rows)
    newest = max(row["at"] for row in rows)
    signed = sealed_text(territory, number + 1, rows=len(rows), newest=newest, digest=digest, previous=previous)
    await audit.seal(
        work,
        territory,
        number + 1,
        ids=[row["id"] for row in rows],
        newest=newest,
        digest=digest,
        previous=previous,
        value=keyring.digest(signed),
        row_digests=row_digests,
    )


async def verify_accesses(work: Work, keyring: Keyring) -> AsyncIterator[Finding]:
    """What does not hold, of every territory: rows altered, missing, added, never sealed; seals broken, missing."""
    for territory in await audit.territories(work):
        number, previous = 0, b""
        async for seal in audit.seals(work, territory):
            for finding in [it async for it in _of_batch(work, keyring, seal, number, previous)]:
                yield finding
            number, previous = seal["number"], seal["seal"]
        if (unknown := await audit.unknown_batch(work, territory)) is not None:
            yield Finding(territory, unknown, "rows name a batch that has no seal")
        if count := await audit.waiting(work, territory, work.now - _LATEST):
            yield Finding(territory, number + 1, f"{count} rows wait for a seal since more than ten minutes")


async def _of_batch(work: Work, keyring: Keyring, seal: Record, number: int, previous: bytes) -> AsyncIterator[Finding]:
    territory, this = seal["territory"], seal["number"]
    if this != number + 1:
        yield Finding(territory, number + 1, "the seal is missing")
    elif seal["previous"] != previous:
        yield Finding(territory, this, "does not follow the seal before")
    signed = sealed_text(
        territory,
        this,
        rows=seal["row_count"],
        newest=seal["newest_at"],
        digest=seal["digest"],
        previous=seal["previous"],
    )
    if keyring.digest(signed) != seal["seal"]:
        yield Finding(territory, this, "the seal does not hold")
    if seal["purged_at"] is None:
        rows = await audit.rows_of(work, territory, this)
        if len(rows) != seal["row_count"]:
            yield Finding(territory, this, f"{len(rows)} rows of {seal['row_count']}")
        elif batch_digest(rows)[0] != seal["digest"]:
            yield Finding(territory, this, "altered", altered(rows, seal["row_digests"] or b""))


async def heads(work: Work) -> dict[str, str]:
    """The newest seal of each territory, to be kept elsewhere: who cuts the end off the chain has to know it."""
    found = {it: await audit.last(work, it) for it in await audit.territories(work)}
    return {territory: f"{number}:{value.hex()}" for territory, (number, value) in found.items()}
