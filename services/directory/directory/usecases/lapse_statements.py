"""Telling that statements lapsed: they stop counting by themselves, this makes others know."""

from directory.domain.statements import StatementKinds
from directory.store import conflicts, statements
from directory.usecases.make_statement import tell
from kit.work import Work

JOB = "lapse-statements"

_BATCH = 200


async def lapse_statements(work: Work, kinds: StatementKinds) -> int:
    """Marks and tells the statements of the next subjects whose time passed; answers how many subjects."""
    subjects = await statements.lapsing(work, _BATCH)
    for territory, about in subjects:
        await statements.lock(work, territory, about)
        if await statements.lapse(work, territory, about, by=JOB):
            await conflicts.close_lapsed(work, territory, about, by=JOB)
            await tell(work, kinds, territory, about, told=True)
    return len(subjects)
