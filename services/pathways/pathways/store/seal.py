"""The stored form of an identity: sealed with a key that rotates, and found by keyed digests."""

from datetime import date
from uuid import UUID

import orjson

from kit.crypto import Keyring
from pathways.domain.patient import Identity, name_key


class Seal:
    """Seals and opens the identities of one territory."""

    def __init__(self, keyring: Keyring, territory: str) -> None:
        self._keyring, self._territory = keyring, territory

    def close(self, patient_id: UUID, identity: Identity) -> bytes:
        """The identity as it is stored. It opens in the row of this patient only."""
        return self._keyring.encrypt(orjson.dumps(identity).decode(), self._context(patient_id))

    def open(self, patient_id: UUID, sealed: bytes) -> Identity:
        """Raises kit.crypto.UndecryptableError when the key is gone or the row was tampered with."""
        fields = orjson.loads(self._keyring.decrypt(sealed, self._context(patient_id)))
        return Identity(**{**fields, "birth_date": date.fromisoformat(fields["birth_date"])})

    def name_index(self, family_name: str, given_name: str, birth_date: date) -> bytes:
        return self._index("name", name_key(family_name, given_name, birth_date))

    def ins_index(self, matricule: str) -> bytes:
        return self._index("ins", matricule)

    def _index(self, kind: str, value: str) -> bytes:
        # The territory is part of it: equal values of two territories cannot be told to be equal.
        return self._keyring.blind_index(f"{self._territory}|{kind}|{value}")

    def _context(self, patient_id: UUID) -> bytes:
        return f"{self._territory}|patient|{patient_id}".encode()
