"""Publishes a list: the next numbered version, its rows frozen, its files made, what changed since the last."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime

from contracts.directory import ListPublished
from contracts.envelope import NATIONAL
from directory.domain.as_of import midnight, paris_day
from directory.domain.french import french_day
from directory.domain.publications import FORMATS, Difference, ListRow, differences, quarter_day
from directory.store import publications
from directory.usecases.list_kinds import LIST_KINDS, ListKind
from directory.usecases.load_reference import Reference
from directory.usecases.render_list import Sheet, render
from kit.blobs import BlobStore, write_bytes
from kit.problems import field_problem
from kit.work import Record, Work

BY = "publish-lists"


async def publish_list(work: Work, reference: Reference, blobs: BlobStore, name: str, by: str) -> Record:
    """The next version, also when nothing changed. Raises Problem 422 for an unknown list."""
    kind = LIST_KINDS.get(name)
    if kind is None:
        raise field_problem("list", "list_unknown", f"Lists: {', '.join(LIST_KINDS)}")
    before = await publications.latest(work, kind.name)
    rows = await kind.rows(work, reference)
    number = before["number"] + 1 if before else 1
    old = [row for _, row in await publications.rows(work, before["id"])] if before else []
    changes = differences([column.name for column in kind.columns], old, rows)
    files = await _files(blobs, _sheet(work, reference, kind, number, rows))
    publication_id = work.new_id()
    row = await publications.add(
        work,
        publication_id,
        name=kind.name,
        title=kind.title,
        number=number,
        columns=kind.columns,
        files=files,
        counts={"rows": len(rows)} | _counts(changes),
        previous_id=before["id"] if before else None,
        by=by,
    )
    await publications.add_rows(work, publication_id, rows)
    _tell(work, row)
    return row


def _counts(changes: list[Difference]) -> dict[str, int]:
    return {kind: sum(it.kind == kind for it in changes) for kind in ("added", "gone", "changed")}


def _tell(work: Work, row: Record) -> None:
    names = ("number", "row_count", "added", "gone", "changed")
    told = ListPublished(publication_id=row["id"], list=row["list"], **{name: row[name] for name in names})
    work.emit(told, version=1)


def _sheet(work: Work, reference: Reference, kind: ListKind, number: int, rows: Sequence[ListRow]) -> Sheet:
    subtitle = f"Version {number} du {french_day(paris_day(work.now))}"
    return Sheet(kind.title, subtitle, reference.territories[work.territory].name, kind.columns, rows)


async def _files(blobs: BlobStore, sheet: Sheet) -> dict[str, dict[str, object]]:
    made = await asyncio.to_thread(render, sheet)
    return {
        name: {
            "blob": await write_bytes(blobs, made[name]),
            "size": len(made[name]),
            "sha256": hashlib.sha256(made[name]).hexdigest(),
        }
        for name in FORMATS
    }


async def _is_due(work: Work, reference: Reference, kind: ListKind, since: datetime) -> bool:
    if not kind.quarterly or await publications.published_since(work, kind.name, since):
        return False
    return bool(await publications.several(work, kind.name, None, 1) or await kind.rows(work, reference))


async def publish_due(work: Work, reference: Reference, blobs: BlobStore) -> int:
    """The job: one list whose day of the quarter has come on one territory. Answers 1 or 0.

    A territory that has never published a list and has nothing to say does not begin by an empty one.
    """
    today = paris_day(work.now)
    try:
        for slug, rules in reference.acceptance.items():
            work.territory = slug
            if rules.asked.publication_day is None or today < (day := quarter_day(today, rules.asked.publication_day)):
                continue
            for kind in LIST_KINDS.values():
                if await _is_due(work, reference, kind, midnight(day)):
                    await publish_list(work, reference, blobs, kind.name, BY)
                    return 1
        return 0
    finally:
        work.territory = NATIONAL
