"""Stating something about a professional or a structure on a territory, and withdrawing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.directory import Stated, StatementsChanged
from directory.domain.identifiers import looks_like_rpps
from directory.domain.statements import BadValueError, Kind, Source, StatementKinds, read_value, valid_until
from directory.store import conflicts, professionals, statements
from directory.store.statements import NewStatement
from directory.usecases.access import COORDINATOR, check_own
from directory.usecases.compare_national import compare
from directory.usecases.search_structures import show_structure
from directory.usecases.show_professional import find_professional
from directory.usecases.tell_followed import introduce
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.versions import check_version
from kit.work import Record, Work


@dataclass(frozen=True)
class Subject:
    """What is stated, of whom: `about` is an RPPS or a FINESS number, `place` a commune or empty for all."""

    about: str
    kind: str
    place: str = ""


def kind_of(kinds: StatementKinds, code: str, about: str) -> Kind:
    """The kind of this code, which can be said of that number. Raises Problem 422."""
    kind = kinds.kinds.get(code)
    if kind is None:
        raise field_problem("kind", "kind_unknown", f"No kind of statement {code!r}: see /v1/statement-kinds")
    if ("person" if looks_like_rpps(about) else "structure") not in kind.about:
        raise field_problem("kind", "kind_not_of_this", f"{code} is not said of this kind of entry")
    return kind


async def check_known(work: Work, about: str) -> None:
    """The directory has this professional or structure. Raises Problem 404."""
    await (find_professional(work, about) if looks_like_rpps(about) else show_structure(work, about))


def source_of(caller: Caller, about: str, wanted: Source | None) -> Source:
    """As whom this caller speaks. A coordinator speaks for anyone, a practitioner for themself. Raises Problem 403."""
    if caller.role == COORDINATOR:
        return wanted or "coordinator"
    check_own(caller, about)
    return "self"


async def make_statement(
    work: Work,
    kinds: StatementKinds,
    caller: Caller,
    subject: Subject,
    value: Any,
    *,
    source: Source | None = None,
    until: datetime | None = None,
    if_match: str | None = None,
) -> Record:
    """Keeps what is said in place of what was said before, and tells it. Raises Problem 403, 404, 412 or 422."""
    speaks = source_of(caller, subject.about, source)
    kind = kind_of(kinds, subject.kind, subject.about)
    _check_source(kind, speaks)
    _check_place(kind, subject)
    kept, end = _read("value", read_value, kind, value), _read("valid_until", valid_until, kind, work.now, until)
    await check_known(work, subject.about)
    await _begin(work, subject, if_match)
    named = (subject.about, subject.kind, subject.place)
    said = NewStatement(*named, kept.value, kept.codes, speaks, kinds.version, end)
    await introduce(work, subject.about)
    row = await statements.save(work, said, by=caller.subject)
    if kind.compared_with:
        await compare(work, kind.compared_with, (work.territory, *named), by=caller.subject)
    await tell(work, kinds, work.territory, subject.about, kind.told)
    return row


async def withdraw_statement(
    work: Work, kinds: StatementKinds, caller: Caller, subject: Subject, if_match: str | None = None
) -> Record:
    """Ends a statement: it no longer counts, its history stays. Raises Problem 403, 404, 412 or 422."""
    source_of(caller, subject.about, None)
    kind = kind_of(kinds, subject.kind, subject.about)
    await check_known(work, subject.about)
    await _begin(work, subject, if_match)
    row = await statements.withdraw(work, subject.about, subject.kind, subject.place, by=caller.subject)
    if row is None:
        raise nothing_said(subject)
    await conflicts.close(work, (work.territory, subject.about, subject.kind, subject.place), by=caller.subject)
    await tell(work, kinds, work.territory, subject.about, kind.told)
    return row


def nothing_said(subject: Subject) -> Problem:
    """404: no such statement stands here."""
    return Problem(404, "statement_unknown", f"Nothing of the kind {subject.kind} is said of {subject.about} here")


async def tell(work: Work, kinds: StatementKinds, territory: str, about: str, told: bool) -> None:
    """Tells all that is attested of the subject in codes, when what changed is of it."""
    if not told:
        return
    version, rows = await statements.told(work, territory, about, kinds.told)
    stated = tuple(_stated(row) for row in rows)
    changed = StatementsChanged(about=about, statements=stated, profession=await professionals.profession(work, about))
    work.emit(changed, version=version, territory=territory)


async def _begin(work: Work, subject: Subject, if_match: str | None) -> None:
    await statements.lock(work, work.territory, subject.about)
    present = await statements.find(work, subject.about, subject.kind, subject.place)
    check_version(if_match, present["version"] if present else 0)


def _check_place(kind: Kind, subject: Subject) -> None:
    if subject.place and not kind.placed:
        raise field_problem("place", "place_refused", f"{subject.kind} is said of all places together")


def _check_source(kind: Kind, source: Source) -> None:
    if source not in kind.by:
        raise field_problem("source", "source_refused", f"This is said by {', '.join(sorted(kind.by))}")


def _read(field: str, read: Any, *args: Any) -> Any:
    try:
        return read(*args)
    except BadValueError as error:
        raise field_problem(field, f"{field}_refused", str(error)) from None


def _stated(row: Mapping[str, Any]) -> Stated:
    return Stated(kind=row["kind"], codes=tuple(row["codes"]), source=row["source"], valid_until=row["valid_until"])
