"""Import a file of figures of a source: the good lines are kept, each bad one is named; or shown only (a preview)."""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import orjson

from indicators.domain.figure_file import BadLine, FigureLine, HeaderRefusedError, Parsed, parse
from indicators.domain.import_templates import ImportTemplate
from indicators.domain.periods import Period
from indicators.domain.told import Telling
from indicators.store import told
from indicators.usecases.read_table import table_rows
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.take_file import Upload
from kit.work import Record, Work

LARGEST, MOST_REFUSALS = 900_000, 1000
"""Bytes of a file (the gateway takes 1 MiB); refused lines that are kept."""

Change = Literal["added", "changed", "unchanged"]


@dataclass(frozen=True)
class FileAsked:
    """What is said of a file: who made it, the period that its figures are of, and whether only to look.

    `communes` of the territory, where they are known.
    """

    template: ImportTemplate
    period: Period
    preview: bool
    communes: Set[str] = frozenset()


@dataclass(frozen=True)
class Looked:
    """What a file would do, or did: the lines with what becomes of each, and those that are refused.

    `fresh` are all lines of the figures that would be told anew: of a figure that changes in one commune, every line.
    """

    digest: str
    lines: tuple[tuple[FigureLine, Change], ...]
    bad: tuple[BadLine, ...]
    fresh: tuple[FigureLine, ...]

    def count(self, change: Change) -> int:
        return sum(it == change for _, it in self.lines)


async def import_figures(work: Work, caller: Caller, asked: FileAsked, upload: Upload) -> tuple[Looked, UUID | None]:
    """What the file says, and the id of the import, none of a preview. The same file again changes nothing.

    Raises Problem 413 `file_too_large`, 422 `period_not_begun`, `column_missing`, `not_a_workbook`, `not_utf8`.
    """
    content = await upload.read(LARGEST + 1)
    told_of = f"{asked.template.id} {asked.period.id} {asked.preview}".encode()
    if work.idempotency is not None:
        work.idempotency.fingerprint = hashlib.sha256(told_of + content).digest()
    if len(content) > LARGEST:
        raise Problem(413, "file_too_large", f"At most {LARGEST} bytes")
    if work.now < asked.period.start:
        raise field_problem("period", "period_not_begun", f"{asked.period.id} has not begun")
    parsed = await _parsed(content, asked)
    await told.lock(work, asked.template.id)
    looked = await _look(work, asked, parsed, hashlib.sha256(content).hexdigest())
    return looked, None if asked.preview else await _keep(work, caller, asked, looked)


async def show_import(work: Work, import_id: UUID) -> Record:
    """Raises Problem 404 `figure_import_unknown`."""
    return or_404(await rows.find(work, "figure_import", import_id), "figure_import_unknown")


async def list_imports(work: Work, source: str | None, after: UUID | None, limit: int) -> list[Record]:
    """The latest first."""
    return await rows.listed(
        work, "figure_import", [("source = ?", source)], after=after, latest_first=True, limit=limit
    )


async def list_told(work: Work, figure: str, period: Period) -> list[Record]:
    """All that files told of a figure in a period: by source, the latest first, which is the one that stands."""
    return await told.history(work, figure, period.id)


async def _parsed(content: bytes, asked: FileAsked) -> Parsed:
    table = await table_rows(content)
    try:
        return parse(table, asked.template, asked.communes)
    except HeaderRefusedError as error:
        raise field_problem("file", error.code, error.detail) from None


async def _look(work: Work, asked: FileAsked, parsed: Parsed, digest: str) -> Looked:
    kept = await told.imported(work, [line.figure for line in parsed.lines], [asked.period.id])
    source = asked.template.id
    before = {figure: by_source[source] for (figure, _), by_source in kept.items() if source in by_source}
    lines = tuple((line, _change(line, before.get(line.figure))) for line in parsed.lines)
    figures = {line.figure for line in parsed.lines}
    new = {it for it in figures if _is_new([line for line in parsed.lines if line.figure == it], before.get(it))}
    return Looked(digest, lines, tuple(parsed.bad), tuple(line for line in parsed.lines if line.figure in new))


def _change(line: FigureLine, before: Telling | None) -> Change:
    was = None if before is None else before.parts.get(line.commune) if line.commune else before.told
    if was is None:
        return "added"
    return "unchanged" if was == line.told else "changed"


def _is_new(lines: Sequence[FigureLine], before: Telling | None) -> bool:
    """Whether these lines tell their figure otherwise, its whole or its communes."""
    told = {line.commune: line.told for line in lines}
    return before is None or told.pop(None) != before.told or told != before.parts


async def _keep(work: Work, caller: Caller, asked: FileAsked, looked: Looked) -> UUID:
    row = await rows.add(
        work,
        "figure_import",
        caller.subject,
        source=asked.template.id,
        period=asked.period.id,
        digest=looked.digest,
        lines=len(looked.lines) + len(looked.bad),
        added=looked.count("added"),
        changed=looked.count("changed"),
        unchanged=looked.count("unchanged"),
        masked=sum(line.told.masked for line, _ in looked.lines),
        refused=len(looked.bad),
        refusals=orjson.dumps([vars(it) for it in looked.bad[:MOST_REFUSALS]]).decode(),
    )
    await told.keep(work, asked.template.source, asked.period.id, looked.fresh, row["id"])
    import_id: UUID = row["id"]
    return import_id
