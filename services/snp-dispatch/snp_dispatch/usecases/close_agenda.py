"""Closing a period of an agenda: who is affected, where each patient goes, then all of it in one transaction.

The preview and the closure make the same plan by the same search, so they agree when nothing changed between
them. Nobody is without a place on the way: a visit moves in one step, or its call waits again. A visit of a neighbour's
patient belongs to their territory: its slot is withdrawn here, and recall_lent.py puts the call back there.
"""

import hashlib
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from contracts.slots import EffectorClosed
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from snp_dispatch.domain.states import HOLD, step
from snp_dispatch.store import closures, effectors, holds, visits
from snp_dispatch.store.closures import Span
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access, proposals, tell
from snp_dispatch.usecases.end_booking import cancel_booking
from snp_dispatch.usecases.move_booking import move
from snp_dispatch.usecases.new_deadline import new_deadline
from snp_dispatch.usecases.problems import policy_of
from snp_dispatch.usecases.quotas import Planned, lock_quotas, within_quotas
from snp_dispatch.usecases.withdraw_slot import tell_withdrawn

LONGEST = timedelta(days=62)
BY = "practitioner"


@dataclass(frozen=True)
class Affected:
    """A patient with a visit in the period: the slot to go to, or None for the waitlist, and why."""

    booking_id: UUID
    call_id: UUID
    starts_at: datetime
    to_slot_id: UUID | None
    to_starts_at: datetime | None
    to_effector: str | None
    reason: str | None


@dataclass(frozen=True)
class Plan:
    """What closing the period does. Held slots lose their hold; all slots leave the offer.

    `visits`: the rows behind `patients`, in their order. `lent`: slots in which a neighbour's patient is booked.
    """

    free: list[UUID]
    held: list[Record]
    lent: list[UUID]
    visits: list[Record]
    patients: list[Affected]
    slots: list[UUID]

    @property
    def targets(self) -> set[UUID]:
        """Slots that patients go to."""
        return {it.to_slot_id for it in self.patients if it.to_slot_id}

    @property
    def digest(self) -> str:
        """Names the situation: another one has another digest."""
        said = [
            [str(it) for it in self.free],
            [str(it["id"]) for it in self.held],
            [str(it) for it in self.lent],
            [[str(it.booking_id), str(it.to_slot_id)] for it in self.patients],
        ]
        return hashlib.sha256(orjson.dumps(said)).hexdigest()[:32]


async def preview_closure(work: Work, rules: Rules, caller: Caller, span: Span) -> Plan:
    """What `close_agenda` would do now. Changes nothing. Raises Problem 403, 404, 409 `no_policy`, 422."""
    await _allowed(work, caller, span)
    return await _plan(work, rules, span, frozenset())


async def close_agenda(
    work: Work, rules: Rules, caller: Caller, span: Span, *, reason: str, digest: str | None
) -> tuple[UUID, Plan]:
    """Withdraws the free slots, moves each visit or puts its call on the waitlist, and keeps the period closed.

    Raises as the preview, and Problem 409 `preview_outdated` when the situation is not the one of `digest`. Without
    a digest it closes whatever the situation is; 409 `quota_reached` only when a quota was used up while it planned.
    """
    kind = await _allowed(work, caller, span)
    plan = await _certain_plan(work, rules, span)
    if digest is not None and plan.digest != digest:
        raise Problem(409, "preview_outdated", "Something changed: look at the preview again", digest=plan.digest)
    await _carry_out(work, rules, caller, plan, reason)
    closure_id = work.new_id()
    await closures.insert(work, closure_id, span, reason)
    moved = sum(1 for it in plan.patients if it.to_slot_id)
    payload = EffectorClosed(
        closure_id=closure_id,
        effector=tell.effector(kind, span.effector_id),
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        reason=tell.reason_code(reason),
        slots=len(plan.slots),
        moved=moved,
        waiting=len(plan.patients) - moved,
    )
    work.emit(payload, version=1)
    return closure_id, plan


async def _allowed(work: Work, caller: Caller, span: Span) -> str:
    access.own_agenda(caller, span.effector_id)
    if span.ends_at <= span.starts_at:
        raise field_problem("ends_at", "ends_before_start", "ends_at must be later than starts_at")
    if span.ends_at - span.starts_at > LONGEST:
        raise field_problem("ends_at", "too_long", f"{LONGEST.days} days at most at once")
    found = await effectors.find(work, span.effector_id)
    if found is None:
        raise Problem(404, "effector_unknown", "No professional or structure of this number is known")
    kind: str = found["kind"]
    return kind


async def _certain_plan(work: Work, rules: Rules, span: Span) -> Plan:
    """A plan whose slots are all locked, so that nothing can come in between.

    What was free at first may be taken by the time of the lock; another choice is locked without waiting, since
    it may have any id (order of locks: store/holds.py), and passed over when somebody works on it.
    """
    await closures.lock_agenda(work, span.effector_id)
    plan = await _plan(work, rules, span, frozenset())
    locked, passed_over = {*plan.slots, *plan.targets}, set[UUID]()
    await closures.lock(work, list(locked))
    while True:
        plan = await _plan(work, rules, span, passed_over)
        if not (others := plan.targets - locked):
            return plan
        got = await closures.lock_at_once(work, list(others))
        locked |= got
        passed_over |= others - got


async def _plan(work: Work, rules: Rules, span: Span, passed_over: Set[UUID]) -> Plan:
    slots = [row["id"] for row in await closures.slots(work, span)]
    held, booked = await closures.holds(work, slots), await closures.bookings(work, slots)
    lent = await closures.lent(work, slots)
    used, moves, patients = {*slots, *passed_over}, list[Planned](), []
    for row in booked:
        organisation = row["client_organisation"]
        moves.append(Planned(organisation, span.effector_id, row["starts_at"], -1))
        found = await _elsewhere(work, rules, row, used, moves)
        if found.to_slot_id and found.to_effector and found.to_starts_at:
            used.add(found.to_slot_id)
            moves.append(Planned(organisation, found.to_effector, found.to_starts_at, 1))
        patients.append(found)
    busy = {*lent, *(row["slot_id"] for row in (*held, *booked))}
    return Plan([it for it in slots if it not in busy], held, lent, booked, patients, slots)


async def _elsewhere(work: Work, rules: Rules, row: Record, used: set[UUID], moves: list[Planned]) -> Affected:
    """The best slot for one patient that is neither in the period nor given to another, within the quotas."""
    policy = policy_of(rules, work.territory, work.now)
    need = proposals.need_of(policy, row, row["need"], row["patient"], work.now)
    found = await proposals.find(work, rules, policy, need, spare=True)
    found = await within_quotas(work, rules, row["client_organisation"], found, planned=moves)
    best = next((it.slot for it in found if it.slot.slot_id not in used), None)
    late = "deadline_passed" if row["deadline"] <= work.now else "no_slot"
    return Affected(
        booking_id=row["booking_id"],
        call_id=row["id"],
        starts_at=row["starts_at"],
        to_slot_id=best.slot_id if best else None,
        to_starts_at=best.starts_at if best else None,
        to_effector=best.effector if best else None,
        reason=None if best else late,
    )


async def _carry_out(work: Work, rules: Rules, caller: Caller, plan: Plan, reason: str) -> None:
    # The last locks of each move, for all of them at once and in their order.
    await lock_quotas(work, [it.to_effector for it in plan.patients if it.to_effector])
    await visits.lock(work, {row["patient"]["ref"] for row in plan.visits if row["patient"]["ref"]})
    policy = policy_of(rules, work.territory, work.now)
    for it, row in zip(plan.patients, plan.visits, strict=True):
        if it.to_slot_id:
            await move(work, rules, it.booking_id, it.to_slot_id, by=BY, reason=reason)
        else:
            await new_deadline(work, policy, row)
            await cancel_booking(work, rules, caller, it.booking_id, by=BY, reason=reason)
    for hold in plan.held:
        state = step(HOLD, "active", "release", refusal="hold_not_active")
        locked = await holds.lock(work, hold["id"])
        if locked is not None:
            await holds.end(work, hold["id"], hold["slot_id"], state)
            tell.holds_ended(work, [{**locked, "state": state}])
    tell_withdrawn(work, await closures.withdraw(work, plan.slots, reason), reason)
