"""Listing and settling conflicts between what a territory attests and the national source."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directory.domain.conflicts import Kept, State
from directory.domain.statements import StatementKinds
from directory.store import conflicts, statements
from directory.usecases.access import check_coordinator
from directory.usecases.make_statement import tell
from kit.auth import Caller
from kit.problems import Problem, or_404
from kit.work import Record, Work


async def list_conflicts(
    work: Work,
    *,
    state: State,
    kind: str | None,
    about: str | None,
    until: datetime | None,
    after: Sequence[object] | None,
    limit: int,
) -> list[Record]:
    """Conflicts of the territory in this state."""
    return await conflicts.listed(work, state=state, kind=kind, about=about, until=until, after=after, limit=limit)


async def resolve_conflict(
    work: Work, kinds: StatementKinds, caller: Caller, conflict: UUID, *, keep: Kept, reason: str
) -> Record:
    """Keeps one side. The attested one stands on, or is withdrawn so that the national one stands.

    A settled conflict comes back only when a side says another thing. Raises Problem 403, 404 or 409.
    """
    check_coordinator(caller)
    row = await _open(work, conflict)
    if keep == "national":
        await statements.withdraw(work, row["about"], row["kind"], row["place"], by=caller.subject)
        kind = kinds.kinds.get(row["kind"])
        await tell(work, kinds, work.territory, row["about"], told=bool(kind and kind.told))
    return await conflicts.settle(work, conflict, keep, reason, caller.subject)


async def _open(work: Work, conflict: UUID) -> Record:
    """The conflict, locked as statements are: the subject first, then its row."""
    row = or_404(await conflicts.find(work, conflict), "conflict_unknown")
    await statements.lock(work, work.territory, row["about"])
    locked = await conflicts.find(work, conflict, lock=True)
    if locked is None or locked["state"] != "open":
        raise Problem(409, "not_open", "This conflict is settled already, or both sides agree by now")
    return locked
