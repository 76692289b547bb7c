"""Reading what is attested."""

from collections.abc import Sequence
from datetime import datetime

from directory.domain.statements import StatementKinds
from directory.store import statements
from directory.store.statements import Wanted
from directory.usecases.make_statement import Subject, check_known, kind_of, nothing_said
from kit.work import Record, Work


async def show_statement(work: Work, kinds: StatementKinds, subject: Subject, until: datetime | None) -> Record:
    """One statement, withdrawn or lapsed ones too. Raises Problem 404 or 422."""
    kind_of(kinds, subject.kind, subject.about)
    await check_known(work, subject.about)
    row = await statements.find(work, subject.about, subject.kind, subject.place, until)
    if row is None:
        raise nothing_said(subject)
    return row


async def statements_of(work: Work, about: str, until: datetime | None = None) -> list[Record]:
    """What is said of one subject, lapsed too, withdrawn not. Raises Problem 404."""
    await check_known(work, about)
    return await statements.listed(work, Wanted([about]), until, None, None)


async def list_statements(
    work: Work, wanted: Wanted, *, until: datetime | None, after: Sequence[str] | None, limit: int
) -> list[Record]:
    """Statements of the territory by kind, subject and place."""
    return await statements.listed(work, wanted, until, after, limit)
