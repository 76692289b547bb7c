"""A whole file of emergency visits and stays: good lines are kept, bad ones named. The same file changes nothing."""

from collections import Counter
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
from pathways.store import stays
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.record_stay import Telling, establishment_of, keep_stay

TABLE = "stay_import"
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
    await stays.lock(work)
    telling = Telling(caller, finess, seal, rules, access.rules)
    outcomes = Counter([(await keep_stay(work, telling, told))[1] for told in parsed.good])
    return await rows.add(
        work,
        TABLE,
        caller.subject,
        finess=finess,
        lines=len(parsed.good) + parsed.refused,
        added=outcomes["added"],
        changed=outcomes["changed"],
        unchanged=outcomes["unchanged"],
        refused=parsed.refused,
        refusals=orjson.dumps([vars(it) for it in parsed.bad]).decode(),
    )


async def list_imports(work: Work, caller: Caller, *, after: UUID | None, limit: int) -> list[Record]:
    """Files of the caller's establishment, the newest first, one more than `limit`."""
    mine: list[tuple[Any, ...]] = [("finess = ?", establishment_of(caller))]
    return await rows.listed(work, TABLE, mine, latest_first=True, after=after, limit=limit + 1)


async def show_import(work: Work, caller: Caller, import_id: UUID) -> Record:
    """Raises Problem 404."""
    finess, row = establishment_of(caller), await rows.find(work, TABLE, import_id)
    return or_404(row if row and row["finess"] == finess else None, "import_unknown", "No such file of yours")


def _parsed(content: bytes, rules: Hospital, work: Work) -> Parsed:
    try:
        return parse(csv_rows(content), rules, local_day(work.now), MOST_LINES)
    except FileRefusedError as error:
        raise field_problem("file", error.code, error.detail) from None
