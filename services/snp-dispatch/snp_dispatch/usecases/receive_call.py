"""The main job: a call states a need, is screened, gets proposals or, in one shot, a visit."""

import asyncio
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from contracts.snp_dispatch import CallReceived, CallScreened, CallUnmatched
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import field_problem
from kit.work import Work
from snp_dispatch.domain.ages import age_band
from snp_dispatch.domain.findings import findings_of
from snp_dispatch.domain.matching import Candidate, Need, Ranked
from snp_dispatch.domain.policy import NeedType, Policy
from snp_dispatch.domain.request import CallStated, CodeUnknown, check_codes
from snp_dispatch.domain.screening import Screening, screen
from snp_dispatch.domain.waitlist import priority_of
from snp_dispatch.domain.window import Window, WindowRefused, window
from snp_dispatch.store import bookings, calls
from snp_dispatch.store.bookings import NewBooking
from snp_dispatch.store.calls import NewCall
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import proposals, tell
from snp_dispatch.usecases.contacts import Contact, given_fields, seal_contact
from snp_dispatch.usecases.new_booking import new_booking
from snp_dispatch.usecases.on_duty import guidance
from snp_dispatch.usecases.one_visit import refuse_second_visit
from snp_dispatch.usecases.problems import known_commune, policy_of
from snp_dispatch.usecases.quotas import within_quotas
from snp_dispatch.usecases.regular_doctor import tried

ROUNDS = 20
"""Searches that one shot makes before it says that nothing is left; more than one only in a race."""
PAUSE = 0.005
"""Seconds between two of them, for the other side to commit."""


@dataclass(frozen=True)
class Received:
    """A call as it was stored, with its visit when it got one."""

    call: NewCall
    booking: NewBooking | None


@dataclass(frozen=True)
class _Decided:
    """What was decided before looking for slots."""

    policy: Policy
    window: Window
    screening: Screening
    need: Need
    modes: frozenset[str]


@dataclass(frozen=True)
class _Taken:
    """The slot that one shot got, or None; `found` is what it last chose from."""

    found: list[Ranked]
    slot: Candidate | None
    booking_id: UUID


async def receive_call(
    work: Work, rules: Rules, keyring: Keyring, caller: Caller, stated: CallStated, *, contact: Contact, book: bool
) -> Received:
    """Screens and matches a call; with `book`, books the best slot that can be had. Raises Problem 409, 422."""
    received = await open_call(work, rules, caller, stated, given_fields(contact), book=book)
    if contact is not None:
        days = policy_of(rules, work.territory, work.now).contact_retention_days
        await seal_contact(work, keyring, received.call.id, contact, days)
    return received


async def open_call(
    work: Work,
    rules: Rules,
    caller: Caller,
    stated: CallStated,
    fields: list[str],
    *,
    book: bool,
    call_id: UUID | None = None,
) -> Received:
    """The same without the contact, of which `fields` came; under this id when one is given."""
    decided = _decide(work, rules, stated, fields)
    call = _new_call(work, caller, stated, decided, fields)
    priority = _priority(rules, decided.policy, stated)
    call = replace(call, id=call_id or call.id, book=book, priority=priority)
    call = replace(call, ladder=rules.ladder_digest(work.territory))
    booking: NewBooking | None = None
    if decided.screening.outcome == "accepted":
        found = await proposals.find(work, rules, decided.policy, decided.need, spare=book)
        found = await within_quotas(work, rules, caller.organisation, found, lock=book)
        if book:
            taken = await _take_best(work, rules, caller, decided, found)
            found = taken.found
            if taken.slot is not None:
                booking = new_booking(taken.booking_id, {**vars(call), "received_at": work.now}, taken.slot)
        call = await _with_answer(work, rules, decided, call, found, book=book, booked=booking is not None)
        booked_at = booking.starts_at if booking else None
        call = replace(call, out_of_hours=guidance(rules, work.territory, call, work.now, booked_at))
    await calls.insert(work, call)
    if booking is not None:
        await bookings.insert(work, booking)
        await refuse_second_visit(work, call.id, booking.patient_ref)
    _tell(work, call, decided, booking)
    return Received(call, booking)


def _decide(work: Work, rules: Rules, stated: CallStated, contact_fields: list[str]) -> _Decided:
    policy = policy_of(rules, work.territory, work.now)
    kind = _known_codes(rules, policy, stated)
    limits = stated.constraints
    try:
        times = window(work.now, policy.delay_of(kind, stated.origin), limits.not_before, limits.deadline)
    except WindowRefused as refused:
        raise field_problem(refused.field, refused.code, refused.detail) from None
    radius = policy.reach.default_km if limits.max_distance_km is None else limits.max_distance_km
    need = Need(
        profession=kind.profession,
        specialty=kind.specialty,
        audiences=frozenset(policy.rules_of(stated.origin).audiences),
        modes=proposals.allowed_modes(rules.catalogue, limits.modes, stated.patient.mobility),
        earliest=times.earliest,
        deadline=times.deadline,
        commune=stated.patient.commune,
        radius_km=min(radius, policy.reach.outer_km),
        **proposals.wished(policy, stated.need.model_dump(), limits.model_dump(), stated.patient.model_dump()),
    )
    movable = frozenset(rules.catalogue.mobility[stated.patient.mobility].modes)
    return _Decided(policy, times, screen(policy, findings_of(stated, contact_fields)), need, movable)


def _known_codes(rules: Rules, policy: Policy, stated: CallStated) -> NeedType:
    try:
        kind = check_codes(policy, rules.catalogue, stated)
    except CodeUnknown as unknown:
        raise field_problem(unknown.field, "code_unknown", f"{unknown}; see GET /v1/policies/current") from None
    known_commune(rules, "patient.commune", stated.patient.commune)
    return kind


def _priority(rules: Rules, policy: Policy, stated: CallStated) -> int:
    triage, said = stated.need.triage, policy.rules_of(stated.origin).priority
    if triage is None and said is not None:
        return said
    return priority_of(rules.catalogue, (triage.scale, triage.level) if triage else None)


def _new_call(work: Work, caller: Caller, stated: CallStated, decided: _Decided, contact_fields: list[str]) -> NewCall:
    need, screening = decided.need, decided.screening
    return NewCall(
        id=work.new_id(),
        state=screening.outcome,
        version=2,
        origin=stated.origin,
        client=caller.subject,
        client_organisation=caller.organisation,
        earliest=decided.window.earliest,
        deadline=decided.window.deadline,
        radius_km=need.radius_km,
        modes=sorted(need.modes),
        audiences=sorted(need.audiences),
        policy_version=decided.policy.version,
        policy_validated=decided.policy.validated_by is not None,
        outcome=screening.outcome,
        redirect_to=screening.redirect_to,
        caller=stated.caller.model_dump(mode="json"),
        patient=stated.patient.model_dump(mode="json"),
        need=stated.need.model_dump(mode="json"),
        constraints=stated.constraints.model_dump(mode="json"),
        contact_fields=contact_fields,
        conditions=[asdict(it) for it in screening.conditions],
        proposals=[],
        relaxations=[],
    )


async def _take_best(work: Work, rules: Rules, caller: Caller, decided: _Decided, found: list[Ranked]) -> _Taken:
    """Claims a seat of the best slot that can be had; one lost in a race gives way to the next."""
    booking_id = work.new_id()
    for _ in range(ROUNDS):
        if not found:
            break
        row = await bookings.claim_best(work, [it.slot.slot_id for it in found], booking_id)
        tell.holds_ended(work, row["ended"])
        if row["claimed"] is not None:
            slot = next(it.slot for it in found if it.slot.slot_id == row["claimed"])
            return _Taken(found, slot, booking_id)
        if row["tried"] is None:
            await asyncio.sleep(PAUSE)
            found = await proposals.find(work, rules, decided.policy, decided.need, spare=True)
            found = await within_quotas(work, rules, caller.organisation, found, lock=True)
    return _Taken(found, None, booking_id)


async def _with_answer(
    work: Work, rules: Rules, decided: _Decided, call: NewCall, found: list[Ranked], *, book: bool, booked: bool
) -> NewCall:
    relaxed = await proposals.relaxations(
        work, rules, decided.policy, decided.need, found=len(found), modes=decided.modes
    )
    waits = not booked and (book or not found)
    return replace(
        call,
        state="booked" if booked else "waiting" if waits else "open",
        version=3 if booked or waits else 2,
        proposals=proposals.shapes(rules, decided.need, found),
        relaxations=[vars(it) for it in relaxed],
        regular_doctor=await tried(work, rules, decided.need, found),
    )


def _tell(work: Work, call: NewCall, decided: _Decided, booking: NewBooking | None) -> None:
    work.emit(
        CallReceived(
            call_id=call.id,
            origin=call.origin,  # type: ignore[arg-type]
            organisation=call.caller["organisation"],
            profession=call.need["profession"],
            specialty=call.need["specialty"],
            age_band=age_band(call.patient["age"]),
            commune=call.patient["commune"],
            patient_ref=call.patient["ref"],
            received_at=work.now,
            deadline=call.deadline,
        ),
        version=1,
    )
    work.emit(
        CallScreened(
            call_id=call.id,
            outcome=decided.screening.outcome,
            policy_version=call.policy_version,
            conditions=decided.screening.failed,
            redirect_to=call.redirect_to,
        ),
        version=2,
    )
    if call.state == "waiting":
        work.emit(CallUnmatched(call_id=call.id, deadline=call.deadline), version=3)
    if booking is not None:
        tell.booking_confirmed(work, vars(booking))
