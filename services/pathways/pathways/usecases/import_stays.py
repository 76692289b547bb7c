"""A whole file of emergency visits and stays: good lines wait to be taken, bad ones are named.

The same file changes nothing.
"""

from typing import Any
from uuid import UUID

import orjson

from kit import rows
from kit.auth import Caller
from kit.csv_rows import csv_rows
from kit.problems import Problem, field_problem, or_404
from kit.take_file import Upload
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.hospital import Hospital
from pathways.domain.stay_file import FileRefusedError, Parsed, parse
from pathways.store import stay_imports
from pathways.store.master_seals import STAY_LINE
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.record_stay import establishment_of

LARGEST, MOST_LINES = 900_000, 5000
"""Bytes (the gateway takes 1 MiB) and lines of a file; more is sent in parts."""


async def import_stays(work: Work, access: Access, seal: Seal, rules: Hospital, upload: Upload) -> Record:
    """Raises Problem 403 `establishment_unknown`, 413 `file_too_large` or 422."""
    caller, finess = access.caller, establishment_of(access.caller)
    content = await upload.read(LARGEST + 1)
    if work.idempotency is not None:
        # Keyed, as the digest of one line is that of an identity.
        work.idempotency.fingerprint = seal.file_index(content)
    if len(content) > LARGEST:
        raise Problem(413, "file_too_large", f"At most {LARGEST} bytes: send it in parts")
    parsed = _parsed(content, rules, work)
    row = await rows.add(
        work,
        stay_imports.TABLE,
        caller.subject,
        finess=finess,
        lines=len(parsed.good) + parsed.refused,
        **dict.fromkeys(("added", "changed", "unchanged"), 0),
        pending=len(parsed.good),
        refused=parsed.refused,
        refusals=orjson.dumps([vars(it) for it in parsed.bad]).decode(),
        role=caller.role,
        rpps=caller.rpps,
        received_at=work.now,
    )
    await stay_imports.add_lines(work, row["id"], _lines(work, seal, finess, parsed))
    return row


async def list_imports(work: Work, caller: Caller, *, after: UUID | None, limit: int) -> list[Record]:
    """Files of the caller's establishment, the newest first, one more than `limit`."""
    mine: list[tuple[Any, ...]] = [("finess = ?", establishment_of(caller))]
    return await rows.listed(work, stay_imports.TABLE, mine, latest_first=True, after=after, limit=limit + 1)


async def show_import(work: Work, caller: Caller, import_id: UUID) -> Record:
    """Raises Problem 404."""
    finess, row = establishment_of(caller), await rows.find(work, stay_imports.TABLE, import_id)
    return or_404(row if row and row["finess"] == finess else None, "import_unknown", "No such file of yours")


def _lines(work: Work, seal: Seal, finess: str, parsed: Parsed) -> list[tuple[UUID, int, bytes, bytes]]:
    found = []
    for number, told in parsed.good.items():
        line_id, content = work.new_id(), told.model_dump_json().encode()
        sealed = seal.keyring.encrypt_bytes(content, STAY_LINE.bound_to(work.territory, line_id))
        found.append((line_id, number, seal.stay_index(finess, told.number), sealed))
    return found


def _parsed(content: bytes, rules: Hospital, work: Work) -> Parsed:
    try:
        return parse(csv_rows(content), rules, local_day(work.now), MOST_LINES)
    except FileRefusedError as error:
        raise field_problem("file", error.code, error.detail) from None
