"""Stating recurring hours; the worker makes their slots (materialise.py)."""

from dataclasses import dataclass, replace
from datetime import date, time
from uuid import UUID

from kit.auth import Caller
from kit.problems import field_problem
from kit.work import Record, Work
from snp_dispatch.domain.offer import Release, Terms, release_audience
from snp_dispatch.domain.recurrence import RuleRefused, check_rule
from snp_dispatch.store import availabilities, effectors
from snp_dispatch.store.availabilities import NewAvailability
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access
from snp_dispatch.usecases.problems import known_commune, not_found
from snp_dispatch.usecases.publish_slot import check_effector
from snp_dispatch.usecases.stated_offer import check_terms, offer_problems


@dataclass(frozen=True)
class HoursWanted:
    """Recurring hours by the clock of the place. `valid_from` None is today there."""

    effector_id: str
    commune: str
    mode: str
    audience: tuple[str, ...]
    capacity: int
    terms: Terms
    embargo_minutes: int | None
    release: Release | None
    weekdays: tuple[int, ...]
    rrule: str | None
    except_dates: tuple[date, ...]
    extra_dates: tuple[date, ...]
    skip_holidays: bool
    starts: time
    ends: time
    slot_minutes: int
    every_minutes: int
    valid_from: date | None
    valid_until: date | None


async def keep_availability(work: Work, rules: Rules, caller: Caller, wanted: HoursWanted) -> Record:
    """Keeps recurring hours of an effector who takes part. Raises Problem 403, 404, 409 or 422."""
    access.own_agenda(caller, wanted.effector_id)
    known_commune(rules, "place.commune", wanted.commune)
    check_terms(rules, wanted.terms)
    with offer_problems():
        added = release_audience(wanted.audience, wanted.release) if wanted.release else ()
    today = rules.zones.today(work.now, wanted.commune)
    first = wanted.valid_from or today
    _check(today, replace(wanted, valid_from=first))
    _check_days(wanted, first)
    check_effector(await effectors.find(work, wanted.effector_id))
    new = NewAvailability(
        id=work.new_id(),
        effector_id=wanted.effector_id,
        commune=wanted.commune,
        mode=wanted.mode,
        audience=sorted(set(wanted.audience)),
        capacity=wanted.capacity,
        terms=wanted.terms,
        embargo_minutes=wanted.embargo_minutes,
        release_minutes=wanted.release.minutes_before if wanted.release else None,
        release_audience=added,
        weekdays=sorted(set(wanted.weekdays)),
        rrule=wanted.rrule,
        except_dates=sorted(set(wanted.except_dates)),
        extra_dates=sorted(set(wanted.extra_dates)),
        skip_holidays=wanted.skip_holidays,
        starts=wanted.starts,
        ends=wanted.ends,
        slot_minutes=wanted.slot_minutes,
        every_minutes=wanted.every_minutes,
        valid_from=first,
        valid_until=wanted.valid_until,
    )
    await availabilities.insert(work, new)
    return await read_availability(work, new.id)


async def read_availability(work: Work, availability_id: UUID) -> Record:
    """Raises Problem 404."""
    found = await availabilities.get(work, availability_id)
    if found is None:
        raise not_found("availability")
    return found


async def list_availabilities(work: Work, *, effector_id: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Availabilities in the order in which they were made."""
    return await availabilities.page(work, effector_id=effector_id, after=after, limit=limit)


def _check_days(wanted: HoursWanted, first: date) -> None:
    if bool(wanted.weekdays) == bool(wanted.rrule):
        raise field_problem("weekdays", "recurrence_unclear", "Give either weekdays or rrule")
    if wanted.rrule is None:
        return
    try:
        check_rule(wanted.rrule, first, wanted.valid_until)
    except RuleRefused as refused:
        raise field_problem("rrule", "rrule_refused", str(refused)) from None


def _check(today: date, wanted: HoursWanted) -> None:
    if wanted.every_minutes < wanted.slot_minutes:
        raise field_problem("every_minutes", "slots_overlap", "Slots would overlap: every_minutes < slot_minutes")
    if wanted.valid_until is None or wanted.valid_from is None:
        return
    if wanted.valid_until < wanted.valid_from:
        raise field_problem("valid_until", "ends_before_start", "valid_until is earlier than valid_from")
    if wanted.valid_until < today:
        raise field_problem("valid_until", "availability_over", "valid_until has passed")
