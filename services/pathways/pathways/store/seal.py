"""The stored form of an identity: each field sealed under the patient's own key, found by keyed digests."""

import base64
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from kit.crypto import Keyring
from kit.work import Work
from pathways.domain.patient import Identity, name_key
from pathways.store.patient_keys import PatientKeys, Wrapping


class Seal:
    """Seals and opens the identities of one territory, and finds the keys of its patients."""

    def __init__(self, keyring: Keyring, territory: str) -> None:
        self._keyring, self._territory = keyring, territory
        self._wrapping = Wrapping(keyring, territory)

    @property
    def keyring(self) -> Keyring:
        """The master keys, for what is of no patient."""
        return self._keyring

    def new_key(self) -> bytes:
        """A key for a new patient."""
        return self._keyring.new_key()

    async def keep_key(self, work: Work, patient_id: UUID, key_id: UUID, key: bytes) -> None:
        """Keeps the key, wrapped."""
        await self._wrapping.create(work, patient_id, key_id, key)

    async def keys(self, work: Work, patient_id: UUID) -> PatientKeys | None:
        """What seals and opens notes, files and pseudonyms of a patient; None for one who has no key any more."""
        return await self._wrapping.of_patient(work, patient_id)

    def close(self, patient_id: UUID, identity: Identity, key_id: UUID, key: bytes) -> bytes:
        """The identity as it is stored. Each field opens in its own place of this patient's row only."""
        keys = PatientKeys({str(key_id): key})
        told = {name: str(value) for name, value in asdict(identity).items() if value is not None}
        fields = {name: keys.encrypt(value, self._context(patient_id, name)) for name, value in told.items()}
        return orjson.dumps({name: base64.b64encode(value).decode() for name, value in fields.items()})

    def key_of(self, row: Mapping[str, Any]) -> bytes:
        """The key of a row that was read with its `wrapped`."""
        return self._wrapping.open(row["key_id"], row["wrapped"])[str(row["key_id"])]

    def open(self, row: Mapping[str, Any]) -> Identity:
        """Raises kit.crypto.UndecryptableError when the key is gone or the row was tampered with."""
        fields = self._opened(row, None)
        return Identity(**{**fields, "birth_date": date.fromisoformat(fields["birth_date"])})

    def birth_date(self, row: Mapping[str, Any]) -> date:
        """Opens this field and no other."""
        return date.fromisoformat(self._opened(row, "birth_date")["birth_date"])

    def _opened(self, row: Mapping[str, Any], only: str | None) -> dict[str, Any]:
        if row["key_id"] is None:
            # As entries were sealed before patients had keys: in one piece. The job seals them anew.
            context = f"{self._territory}|patient|{row['id']}".encode()
            before: dict[str, Any] = orjson.loads(self._keyring.decrypt(row["sealed"], context))
            return before
        keys = PatientKeys(self._wrapping.open(row["key_id"], row["wrapped"]))
        fields = {name: value for name, value in orjson.loads(row["sealed"]).items() if only in (None, name)}
        return {
            name: keys.decrypt(base64.b64decode(value), self._context(row["id"], name))
            for name, value in fields.items()
        }

    def name_index(self, family_name: str, given_name: str, birth_date: date) -> bytes:
        return self._index("name", name_key(family_name, given_name, birth_date))

    def birth_index(self, birth_date: date) -> bytes:
        """Entries of one birth date are looked through for duplicates."""
        return self._index("birth", birth_date.isoformat())

    def ins_index(self, matricule: str) -> bytes:
        return self._index("ins", matricule)

    def stay_index(self, finess: str, number: str) -> bytes:
        """A hospital's own number of a stay."""
        return self._index("stay", f"{finess}|{number}")

    def episode_index(self, episode: str) -> bytes:
        """What a platform calls an episode of a patient."""
        return self._index("episode", episode)

    def file_index(self, content: bytes) -> bytes:
        """A file of identities, to be told again."""
        return self._keyring.digest(b"file|" + self._territory.encode() + b"|" + content)

    def _index(self, kind: str, value: str) -> bytes:
        # The territory is part of it: equal values of two territories cannot be told to be equal.
        return self._keyring.blind_index(f"{self._territory}|{kind}|{value}")

    def _context(self, patient_id: UUID, field: str) -> bytes:
        return f"{self._territory}|patient|{patient_id}|{field}".encode()
