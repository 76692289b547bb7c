"""Files of what is written about a patient: name and content are sealed before they reach the rows and the store."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit import rows
from kit.blobs import BlobStore, keeping, read_bytes
from kit.take_file import TakenFile, Upload, document_type, whole
from kit.work import Record, Work
from pathways.store.held import content_context
from pathways.store.patient_keys import PatientKeys

MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Received:
    """A file as it was sent, not yet kept."""

    name: str
    taken: TakenFile
    content: bytes


async def receive(work: Work, upload: Upload, name: str, to: UUID) -> Received:
    """The file, which is part of what makes the request the same as another; `to`: what it is put to.

    Raises Problem 413 `file_too_large`, 422 `file_type_refused`.
    """
    taken, content = await whole(upload, document_type(name), MOST_BYTES)
    if work.idempotency is not None:
        work.idempotency.fingerprint = hashlib.sha256(taken.digest.digest() + f"{to} {name}".encode()).digest()
    return Received(name, taken, content)


async def keep(
    work: Work, keys: PatientKeys, blobs: BlobStore, file: Received, *, table: str, by: str, **owner: Any
) -> Record:
    """The row of a file that was received, sealed with these keys; `owner`: what it belongs to."""
    file_id = work.new_id()
    sealed = keys.encrypt_bytes(file.content, content_context(table, file_id, "blob"))
    named = keys.encrypt(file.name, content_context(table, file_id, "name"))
    about = {"name": named, "media_type": file.taken.type, "size": file.taken.size}
    async with keeping(blobs, sealed) as blob:
        return await rows.add(work, table, by, id=file_id, blob=blob, **about, **owner)


def name_of(keys: PatientKeys, table: str, row: Record) -> str:
    """Opens the name of a file."""
    return keys.decrypt(row["name"], content_context(table, row["id"], "name"))


async def content_of(keys: PatientKeys, blobs: BlobStore, table: str, row: Record) -> bytes:
    """Opens a file."""
    return keys.decrypt_bytes(await read_bytes(blobs, row["blob"]), content_context(table, row["id"], "blob"))
