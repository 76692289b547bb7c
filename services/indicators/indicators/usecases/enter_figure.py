"""Enter by hand a figure that no event feeds, with its proof; a correction is one more entry, the others stay."""

import hashlib
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from indicators.domain.catalogue import Indicator
from indicators.domain.periods import Period
from indicators.domain.told import Told, ToldRefusedError, checked
from indicators.store import told
from indicators.usecases.tell_figures import tellings
from kit import rows
from kit.auth import Caller
from kit.blobs import BlobStore, keeping, read_bytes
from kit.crypto import Keyring
from kit.problems import Problem, field_problem, or_404
from kit.take_file import TakenFile, Upload, document_type, whole
from kit.work import Record, Work

MOST_BYTES = 10_000_000
_TABLE, _UNKNOWN = "manual_figure", "manual_figure_unknown"


@dataclass(frozen=True)
class Entry:
    """What is entered. `corrects`: the entry that stands and is wrong."""

    indicator: Indicator
    period: Period
    told: Told
    comment: str
    corrects: UUID | None


@dataclass(frozen=True)
class Proof:
    """A file as it was sent, not yet kept."""

    name: str
    taken: TakenFile
    content: bytes


async def enter_figure(
    work: Work, caller: Caller, keyring: Keyring, blobs: BlobStore, *, entry: Entry, proof: Proof | None
) -> Record:
    """The entry as it is kept. A correction without a file keeps the proof of what it corrects.

    Raises Problem 409 `figure_entered`, `corrected_already`, `figure_imported`; 422 `indicator_fed`, `proof_missing`,
    `period_not_begun`, and what a told figure cannot be (domain/told.py).
    """
    value = _checked(work, entry)
    figure, period = entry.indicator.id, entry.period.id
    await told.lock(work, f"{figure} {period}")
    newest = await _corrected(work, entry)
    columns = {"figure": figure, "period": period, "number": newest["number"] + 1 if newest else 1}
    columns |= {"numerator": value.numerator, "denominator": value.denominator, "value": value.value}
    columns["comment"] = entry.comment
    if proof is None:
        return await rows.add(work, _TABLE, caller.subject, **columns, **_proof_of(newest))
    proof_id = work.new_id()
    about = {"proof_id": proof_id, "proof_name": keyring.encrypt(proof.name, seal_context(proof_id, "name"))}
    about |= {"proof_type": proof.taken.type, "proof_size": proof.taken.size}
    about["proof_digest"] = proof.taken.digest.hexdigest()
    async with keeping(blobs, keyring.encrypt_bytes(proof.content, seal_context(proof_id, "blob"))) as blob:
        return await rows.add(work, _TABLE, caller.subject, **columns, **about, proof_blob=blob)


async def receive_proof(work: Work, upload: Upload | None, name: str, entry: Entry) -> Proof | None:
    """The file, which is part of what makes the request the same as another.

    Raises Problem 413 `file_too_large`, 422 `file_type_refused`.
    """
    taken, content = (TakenFile(), b"")
    if upload is not None:
        taken, content = await whole(upload, document_type(name), MOST_BYTES)
    if work.idempotency is not None:
        about = (entry.indicator.id, entry.period.id, entry.told, entry.comment, entry.corrects, name)
        work.idempotency.fingerprint = hashlib.sha256(taken.digest.digest() + repr(about).encode()).digest()
    return None if upload is None else Proof(name, taken, content)


async def show_entry(work: Work, entry_id: UUID) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, _TABLE, entry_id), _UNKNOWN)


async def list_entries(
    work: Work, figure: str | None, period: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """The latest first, with those that were corrected since."""
    filters = [("figure = ?", figure), ("period = ?", period)]
    return await rows.listed(work, _TABLE, filters, after=after, latest_first=True, limit=limit)


async def read_proof(work: Work, keyring: Keyring, blobs: BlobStore, entry_id: UUID) -> tuple[Record, str, bytes]:
    """The entry, the name of its proof and the file. Raises Problem 404."""
    row = await show_entry(work, entry_id)
    name = keyring.decrypt(row["proof_name"], seal_context(row["proof_id"], "name"))
    sealed = await read_bytes(blobs, row["proof_blob"])
    return row, name, keyring.decrypt_bytes(sealed, seal_context(row["proof_id"], "blob"))


def _checked(work: Work, entry: Entry) -> Told:
    if entry.indicator.is_fed:
        raise field_problem("indicator", "indicator_fed", f"{entry.indicator.id} is counted from events")
    if work.now < entry.period.start:
        raise field_problem("period", "period_not_begun", f"{entry.period.id} has not begun")
    try:
        return checked(entry.indicator.unit, entry.told)
    except ToldRefusedError as refused:
        raise field_problem("value", refused.cause, refused.detail) from None


async def _corrected(work: Work, entry: Entry) -> Record | None:
    """The entry that stands, which is the one to correct; None for a first entry."""
    found = await tellings(work, [entry.indicator], [entry.period])
    standing = found.get((entry.indicator.id, entry.period.id))
    if standing is not None and standing.origin == "imported":
        raise Problem(409, "figure_imported", "A file of a funder tells it for this period")
    newest = await told.newest_entry(work, entry.indicator.id, entry.period.id)
    if newest is None and entry.corrects is not None:
        raise field_problem("corrects", _UNKNOWN, "Nothing was entered for this indicator and period")
    if newest is not None and entry.corrects is None:
        raise Problem(409, "figure_entered", "It was entered: name the entry that you correct", id=newest["id"])
    if newest is not None and entry.corrects != newest["id"]:
        raise Problem(409, "corrected_already", "Another entry stands by now", id=newest["id"])
    return newest


def _proof_of(newest: Record | None) -> dict[str, object]:
    if newest is None:
        raise field_problem("file", "proof_missing", "A figure that is entered by hand comes with its proof")
    return {name: value for name, value in newest.items() if name.startswith("proof_")}


def seal_context(proof_id: object, part: Literal["name", "blob"]) -> bytes:
    """What the seal of a proof, or of its name, is bound to."""
    return f"{_TABLE} {proof_id} {part}".encode()
