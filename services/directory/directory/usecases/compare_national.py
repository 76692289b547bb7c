"""Comparing what a territory attests with the national source: when one is said, and when the other changes."""

from collections.abc import Sequence

from directory.domain.conflicts import Sides, state_after
from directory.domain.identifiers import looks_like_rpps
from directory.domain.statements import Compared, StatementKinds
from directory.store import conflicts, statements
from kit.work import Work

JOB = "compare-national"

_BATCH = 200


async def compare_changed(work: Work, kinds: StatementKinds) -> int:
    """Compares the next statements of which a side changed since; answers how many."""
    keys = await conflicts.stale(work, list(kinds.compared), _BATCH)
    for key in keys:
        await statements.lock(work, key["territory"], key["about"])
        await compare(work, kinds.compared[key["kind"]], tuple(key), by=JOB)
    return len(keys)


async def compare(work: Work, compared: Compared, key: Sequence[str], by: str) -> None:
    """Keeps whether the statement of this key (territory, about, kind, place) and the national source differ."""
    row = await conflicts.compared(work, key)
    if row is None or row["national_version"] is None:
        return
    _, about, _, place = key
    now = Sides(row["attested"], await conflicts.national(work, compared, about, place, looks_like_rpps(about)))
    before = await conflicts.known(work, key)
    settled = Sides(before["attested"], before["national"]) if before else None
    state = state_after(compared, now, before["state"] if before else None, settled)
    raised = before["raised_at"] if before and before["state"] == state else work.now
    raised_at = None if state == "agrees" else raised
    await conflicts.save(work, key, row, now.national, state=state, raised_at=raised_at, by=by)
