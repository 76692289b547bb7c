"""Encryption keys rotate: proofs that an older key seals are sealed by the first one. A job of the worker.

Each batch is a transaction: what was sealed anew before a stop stays so, and the next one goes on with the rest. The
file under the old seal is removed after a while, so that whoever is reading it can finish.
"""

from dataclasses import dataclass

import structlog

from indicators.store import blob_removals, proofs
from indicators.usecases.enter_figure import seal_context
from indicators.usecases.remove_blobs import GRACE
from kit.blobs import BlobStore, read_bytes, write_bytes
from kit.crypto import Keyring, UndecryptableError
from kit.work import Record, Work

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rotation:
    """The key that seals now, and how many proofs each key seals."""

    current: str
    seals: dict[str, int]

    @property
    def finished(self) -> bool:
        """Whether no other key is needed any more."""
        return self.seals.keys() <= {self.current}


async def reseal_proofs(work: Work, keyring: Keyring, blobs: BlobStore, limit: int) -> int:
    """One batch, of all territories. Answers how many were sealed anew; one that does not open is logged and kept."""
    done: list[tuple[str, str]] = []
    written: list[str] = []
    try:
        for row in (await proofs.stale(work, keyring.mark, limit)).values():
            if (sealed := await _resealed(keyring, blobs, row)) is None:
                continue
            name, content = sealed
            written.append(await write_bytes(blobs, content))
            await proofs.reseal(work, row["proof_id"], written[-1], name)
            done.append((row["proof_blob"], row["territory"]))
        await blob_removals.ask(work, done, work.now + GRACE)
    except BaseException:
        for key in written:
            await blobs.delete(key)
        raise
    return len(done)


async def show_rotation(work: Work, keyring: Keyring) -> Rotation:
    """Of all territories."""
    return Rotation(keyring.current, await proofs.keys_in_use(work))


async def _resealed(keyring: Keyring, blobs: BlobStore, row: Record) -> tuple[bytes, bytes] | None:
    named, filed = (seal_context(row["proof_id"], part) for part in ("name", "blob"))
    try:
        name = keyring.decrypt_bytes(row["proof_name"], named)
        content = keyring.decrypt_bytes(await read_bytes(blobs, row["proof_blob"]), filed)
    except (UndecryptableError, FileNotFoundError) as error:
        log.error("proof cannot be sealed anew", proof=str(row["proof_id"]), error=type(error).__name__)
        return None
    return keyring.encrypt_bytes(name, named), keyring.encrypt_bytes(content, filed)
