"""A key for each patient: what is written of them is sealed under it, and opens no more once it is destroyed.

The key is kept wrapped by a master key. So a master key rotates without touching what is sealed, and a backup of the
contents is of no use to anybody once the key row is gone.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kit.crypto import Keyring
from kit.work import Work

_ADD = """
INSERT INTO patient_key (id, territory, patient_id, wrapped, master, created_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
# The patient's own key comes first; those of entries that were merged into it only open.
_OF_PATIENT = """
SELECT k.id, k.wrapped FROM patient_key k JOIN patient p ON p.id = k.patient_id
WHERE k.patient_id = $1 ORDER BY k.id = p.key_id DESC, k.id
"""
_STALE = """
SELECT id, territory, wrapped FROM patient_key WHERE master <> $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_REWRAP = "UPDATE patient_key SET wrapped = $2, master = $3 WHERE id = $1"
_IN_USE = "SELECT master, count(*) AS keys FROM patient_key GROUP BY master ORDER BY master"


class PatientKeys:
    """Seals and opens what is written of one patient. `context` is what the bytes belong to: a row's id."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        first = next(iter(keys.values()))
        self._ring = Keyring(keys, hmac.digest(first, b"pseudonym", hashlib.sha256))

    def encrypt(self, text: str, context: bytes) -> bytes:
        return self._ring.encrypt(text, context)

    def decrypt(self, sealed: bytes, context: bytes) -> str:
        """Raises kit.crypto.UndecryptableError."""
        return self._ring.decrypt(sealed, context)

    def encrypt_bytes(self, data: bytes, context: bytes) -> bytes:
        """For files."""
        return self._ring.encrypt_bytes(data, context)

    def decrypt_bytes(self, sealed: bytes, context: bytes) -> bytes:
        """Raises kit.crypto.UndecryptableError."""
        return self._ring.decrypt_bytes(sealed, context)

    def pseudonym(self, purpose: str) -> UUID:
        """The patient as events for one purpose call them: the same each time, nobody's once the key is destroyed."""
        return UUID(bytes=self._ring.blind_index(purpose)[:16], version=5)


@dataclass(frozen=True)
class Wrapping:
    """Wraps and unwraps keys of the patients of one territory under the master keys."""

    keyring: Keyring
    territory: str

    def open(self, key_id: UUID, wrapped: bytes) -> dict[str, bytes]:
        """The key by its name. Raises kit.crypto.UndecryptableError when the master key is gone."""
        return {str(key_id): self.keyring.decrypt_bytes(wrapped, self._context(key_id))}

    async def create(self, work: Work, patient_id: UUID, key_id: UUID, key: bytes) -> None:
        """Keeps a key of a patient whose row is there."""
        wrapped = self.keyring.encrypt_bytes(key, self._context(key_id))
        await work.execute(_ADD, key_id, self.territory, patient_id, wrapped, self.keyring.current, work.now)

    async def of_patient(self, work: Work, patient_id: UUID) -> PatientKeys | None:
        """None for a patient without a key: unknown, merged into another or erased."""
        rows = await work.fetch(_OF_PATIENT, patient_id)
        keys = {name: key for row in rows for name, key in self.open(row["id"], row["wrapped"]).items()}
        return PatientKeys(keys) if keys else None

    def _context(self, key_id: UUID) -> bytes:
        return f"{self.territory}|patient_key|{key_id}".encode()


async def rewrap(work: Work, keyring: Keyring, limit: int) -> int:
    """Wraps keys anew that an older master key wraps, of every territory. Answers how many."""
    rows = await work.fetch(_STALE, keyring.current, limit)
    for row in rows:
        context = f"{row['territory']}|patient_key|{row['id']}".encode()
        wrapped = keyring.encrypt_bytes(keyring.decrypt_bytes(row["wrapped"], context), context)
        await work.execute(_REWRAP, row["id"], wrapped, keyring.current)
    return len(rows)


async def masters_in_use(work: Work) -> dict[str, int]:
    """Name of each master key -> how many keys of patients it wraps."""
    return {row["master"]: row["keys"] for row in await work.fetch(_IN_USE)}
