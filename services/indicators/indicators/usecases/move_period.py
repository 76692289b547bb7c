"""Submit, approve, lock and reopen a period."""

from dataclasses import dataclass, replace
from typing import Any

from contracts.indicators import PeriodApproved
from indicators.domain.catalogue import Catalogue, Count, Indicator
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.reporting import APPROVE, LOCK, REOPEN, SUBMIT, Move, MoveRefusedError
from indicators.store import evidence, export_runs, figure_versions, periods
from indicators.store.evidence import Seal
from indicators.usecases.compute_figures import compute_figures
from indicators.usecases.hide_numbers import hide_numbers
from kit.auth import Caller, require_scopes
from kit.problems import Problem
from kit.versions import check_version
from kit.work import Record, Work

UNLOCK = "periods:unlock"
"""Scope for reopening a locked period."""
_NOTHING: dict[str, Any] = {
    "submitted_at": None,
    "submitted_by": None,
    "approved_at": None,
    "approved_by": None,
    "locked_at": None,
    "locked_by": None,
    "late_facts": 0,
    "late_newest": None,
}


@dataclass(frozen=True)
class Asked:
    """Who wants something done to which period, and the version of it that they read."""

    caller: Caller
    period: Period
    if_match: str | None
    reason: str | None = None


async def submit_period(work: Work, asked: Asked) -> Record:
    """Gives a period that is over to those who approve it. Raises Problem 409 `period_not_over`, `period_not_open`."""
    if asked.period.is_open(work.now):
        raise Problem(409, "period_not_over", f"{asked.period.id} ends on {asked.period.end.isoformat()}")
    await _standing(work, asked, SUBMIT)
    days = {"starts_at": asked.period.start, "ends_at": asked.period.end}
    return await _move(
        work, asked, SUBMIT, **{**_NOTHING, **days, "submitted_at": work.now, "submitted_by": _by(asked)}
    )


async def approve_period(work: Work, asked: Asked, catalogue: Catalogue, threshold: int) -> Record:
    """Keeps every figure of the period as a version, each with its evidence. Raises Problem 409 `period_not_submitted`.

    Numbers of patients below the threshold are not told to readers outside, nor what they would follow from.
    Late facts of the territory wait until this is committed, and are late then. Exports that waited for it go out.
    """
    before = await _standing(work, asked, APPROVE)
    number = before["approvals"] + 1 if before else 1
    computed = await compute_figures(work, catalogue.indicators, asked.period)
    hidden = await hide_numbers(work, computed, number, threshold)
    figures = [replace(it, hidden=hidden.get(it.indicator.id, ())) for it in computed]
    await figure_versions.add(work, number, _by(asked), [(figure, await _seal(work, figure)) for figure in figures])
    row = await _move(
        work,
        asked,
        APPROVE,
        starts_at=asked.period.start,
        ends_at=asked.period.end,
        approvals=number,
        approved_at=work.now,
        approved_by=_by(asked),
        late_facts=0,
        late_newest=None,
    )
    await export_runs.release(work, asked.period.id)
    approved = PeriodApproved(
        period=asked.period.id,
        starts_at=asked.period.start,
        ends_at=asked.period.end,
        number=number,
        figures=sum(figure.value is not None for figure in figures),
        approved_at=work.now,
    )
    work.emit(approved, version=row["version"])
    return row


async def lock_period(work: Work, asked: Asked) -> Record:
    """Keeps an approved period from being reopened without a scope of its own. Raises Problem 409."""
    await _standing(work, asked, LOCK)
    return await _move(work, asked, LOCK, locked_at=work.now, locked_by=_by(asked))


async def reopen_period(work: Work, asked: Asked) -> Record:
    """Its figures are computed again; its approved versions stay. Raises Problem 409, and 403 for a locked one."""
    before = await _standing(work, asked, REOPEN)
    if before and before["state"] == "locked":
        require_scopes(asked.caller, [UNLOCK])
    return await _move(work, asked, REOPEN, **_NOTHING)


async def _standing(work: Work, asked: Asked, move: Move) -> Record | None:
    """The period, locked, in a state and a version in which it may be moved."""
    await periods.lock(work, [work.territory])
    row = await periods.find(work, asked.period.id)
    check_version(asked.if_match, row["version"] if row else 0)
    try:
        move.check(row["state"] if row else "open")
    except MoveRefusedError as refused:
        raise Problem(409, refused.code, refused.detail) from None
    return row


async def _move(work: Work, asked: Asked, move: Move, **values: Any) -> Record:
    row = await periods.put(work, asked.period, state=move.target, **values)
    await periods.tell(work, row, move.verb, _by(asked), asked.reason)
    return row


async def _seal(work: Work, figure: Figure) -> Seal:
    """The evidence of the numerator and, of a rate, of the denominator; an indicator that is not counted has none."""
    seals = [await evidence.seal(work, count, figure.period) for count in _counts(figure.indicator)]
    return evidence.together(seals)


def _counts(indicator: Indicator) -> list[Count]:
    return [count for count in (indicator.numerator, indicator.denominator) if count is not None]


def _by(asked: Asked) -> str:
    return asked.caller.subject
