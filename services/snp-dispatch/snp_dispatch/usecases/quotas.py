"""Quotas: setting them, and keeping to them wherever a seat is taken.

Whose seat it is says the call: the organisation of the token that made it. Calls of tokens without one count together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.matching import Candidate, Ranked
from snp_dispatch.domain.quota import window
from snp_dispatch.store import effectors, quotas
from snp_dispatch.store.rows import present
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access
from snp_dispatch.usecases.problems import not_found


@dataclass(frozen=True)
class Planned:
    """A seat that a plan gives to a call of the organisation (`seats` 1) or takes from one (-1)."""

    organisation: str | None
    effector_id: str
    starts_at: datetime
    seats: int


async def set_quota(
    work: Work, caller: Caller, *, effector_id: str, organisation: str | None, period: str, max_slots: int
) -> Record:
    """Sets how many slots an organisation may have. None: each without a quota of its own. Raises Problem 403, 404."""
    access.own_agenda(caller, effector_id)
    if await effectors.find(work, effector_id) is None:
        raise Problem(404, "effector_unknown", "No professional or structure of this number is known")
    kept = await quotas.keep(work, effector_id, organisation, period, max_slots)
    return present(await quotas.get(work, kept))


async def remove_quota(work: Work, caller: Caller, quota_id: UUID) -> Record:
    """Raises Problem 403 or 404."""
    found = await quotas.get(work, quota_id)
    if found is None:
        raise not_found("quota")
    access.own_agenda(caller, found["effector_id"])
    await quotas.remove(work, quota_id)
    return found


async def list_quotas(work: Work, *, effector_id: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Quotas of the territory."""
    return await quotas.page(work, effector_id=effector_id, after=after, limit=limit)


async def keep_to_quotas(work: Work, rules: Rules, organisation: str | None, slot: Candidate) -> None:
    """After a seat was taken for the organisation. Raises Problem 409 `quota_reached`: the transaction undoes it."""
    for quota in _applying(await quotas.lock(work, [slot.effector]), organisation, slot.effector):
        span = _window(rules, quota, slot.commune, slot.starts_at)
        if await _used(work, quota, organisation, span) > quota["max_slots"]:
            raise Problem(
                409,
                "quota_reached",
                f"The practitioner gives your organisation {quota['max_slots']} slots a {quota['period']} at most",
                period=quota["period"],
                max_slots=quota["max_slots"],
            )


async def lock_quotas(work: Work, effectors: Iterable[str]) -> None:
    """For a transaction that takes many seats: all locks of quotas at once, in their order, before any seat."""
    await quotas.lock(work, sorted(set(effectors)))


async def within_quotas(
    work: Work,
    rules: Rules,
    organisation: str | None,
    found: list[Ranked],
    *,
    lock: bool = False,
    planned: Sequence[Planned] = (),
) -> list[Ranked]:
    """Those of the slots that the organisation may still take, once what is `planned` is done.

    With `lock` taking one is safe after this: for a transaction that then waits for no other lock. Without, whoever
    takes one asks `keep_to_quotas` afterwards.
    """
    read = quotas.lock if lock else quotas.of
    known = await read(work, sorted({it.slot.effector for it in found})) if found else []
    if not known:
        return found
    return [it for it in found if await _may_take(work, rules, known, organisation, it, planned=planned)]


async def _may_take(
    work: Work, rules: Rules, known: list[Record], organisation: str | None, it: Ranked, *, planned: Sequence[Planned]
) -> bool:
    for quota in _applying(known, organisation, it.slot.effector):
        since, until = span = _window(rules, quota, it.slot.commune, it.slot.starts_at)
        more = sum(
            seat.seats
            for seat in planned
            if (seat.organisation, seat.effector_id) == (organisation, it.slot.effector)
            and since <= seat.starts_at < until
        )
        if await _used(work, quota, organisation, span) + more >= quota["max_slots"]:
            return False
    return True


def _window(rules: Rules, quota: Record, commune: str, starts_at: datetime) -> tuple[datetime, datetime]:
    return window(quota["period"], starts_at, rules.zones.of(commune))


async def _used(work: Work, quota: Record, organisation: str | None, span: tuple[datetime, datetime]) -> int:
    return await quotas.used(work, quota["effector_id"], organisation, *span)


def _applying(known: Iterable[Record], organisation: str | None, effector_id: str) -> list[Record]:
    """Of each period the quota of the organisation itself, else the one for every organisation."""
    by_period: dict[str, Record] = {}
    own_last = sorted(known, key=lambda it: it["organisation"] is not None)
    for quota in own_last:
        if quota["effector_id"] == effector_id and quota["organisation"] in (None, organisation):
            by_period[quota["period"]] = quota
    return list(by_period.values())
