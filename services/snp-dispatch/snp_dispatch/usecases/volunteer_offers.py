"""Offering a waiting call to volunteers: who is asked, and what happens when nobody answers.

All of it under the lock of the call, so that an answer, the end of its time and another's answer come one after
the other.
"""

from dataclasses import replace
from uuid import UUID

from contracts.snp_dispatch import OfferClosed, OfferExpired, OfferMade
from kit.work import Record, Work
from snp_dispatch.domain.matching import Candidate, Need
from snp_dispatch.domain.quota import window
from snp_dispatch.domain.states import OFFER, step, waits_now
from snp_dispatch.domain.volunteers import Choice, Terms, asked_now, choice, in_order
from snp_dispatch.store import escalation, history, timers, volunteers
from snp_dispatch.store.rows import Row, present
from snp_dispatch.store.rules import Rules
from snp_dispatch.store.volunteers import NewOffer
from snp_dispatch.usecases import proposals, tell
from snp_dispatch.usecases.fitting import candidate
from snp_dispatch.usecases.problems import policy_of

KIND = "offer"
AT_ONCE, BATCH = 50, 200
"""Volunteers whom a broadcast asks at most; offers that one round closes."""


async def make_offers(work: Work, rules: Rules, call: Record | Row, need: Need, terms: Terms) -> list[UUID]:
    """Asks the next volunteer, or all of them (`broadcast`), about a locked call. Answers the offers made."""
    found = await _choices(work, rules, call, need, terms)
    made = []
    for volunteer, it in found[: AT_ONCE if terms.how == "broadcast" else 1]:
        made.append(await _make(work, need, terms, _offer(work, call, terms, volunteer, it)))
    return made


async def _choices(work: Work, rules: Rules, call: Record | Row, need: Need, terms: Terms) -> list[tuple[Row, Choice]]:
    week, _ = window("week", work.now, rules.zones.of(need.commune))
    by_id: dict[str, Row] = {}
    fitting: list[Choice] = []
    for row in await volunteers.willing(work, call["id"], need.profession, week):
        if not asked_now(row, rules.zones.local(work.now, row["commune"])):
            continue
        it = choice(need, terms, row, _sample(rules, call, need, row))
        if it is not None:
            by_id[it.effector_id] = row
            fitting.append(it)
    loads = await history.loads(work, policy_of(rules, work.territory, work.now).fairness, by_id)
    ordered = in_order(replace(it, load=loads.get(it.effector_id, 0.0)) for it in fitting)
    return [(by_id[it.effector_id], it) for it in ordered]


def _sample(rules: Rules, call: Record | Row, need: Need, row: Row) -> Candidate:
    """A slot as the volunteer would open it for the call."""
    opened = {
        "slot_id": call["id"],
        "starts_at": need.earliest,
        "ends_at": need.deadline,
        "mode": row["modes"][0],
        "audience": need.audiences,
        "participates": True,
        "withdrawn_at": None,
        "paused": False,
        "acts": (),
        "min_age": None,
        "max_age": None,
        "own_patients_only": False,
        "patient": call["patient"],
    }
    return candidate(rules, {**row, **opened})


def _offer(work: Work, call: Record | Row, terms: Terms, volunteer: Row, it: Choice) -> NewOffer:
    return NewOffer(
        id=work.new_id(),
        call_id=call["id"],
        effector_id=it.effector_id,
        terms=terms.as_json(),
        commune=volunteer["commune"],
        distance_km=it.distance_km,
        modes=it.modes,
        visit_minutes=volunteer["visit_minutes"],
        expires_at=min(terms.until(work.now), call["deadline"]),
    )


async def _make(work: Work, need: Need, terms: Terms, offer: NewOffer) -> UUID:
    await volunteers.make(work, offer)
    await timers.set_timer(work, KIND, offer.id, offer.expires_at, payload={})
    payload = OfferMade(
        offer_id=offer.id,
        call_id=offer.call_id,
        effector=tell.effector("person", offer.effector_id),
        how=terms.how,
        profession=need.profession,
        specialty=need.specialty,
        expires_at=offer.expires_at,
        deadline=need.deadline,
    )
    work.emit(payload, version=1)
    return offer.id


async def ask_next(work: Work, rules: Rules, call: Record | Row, terms: Terms) -> None:
    """After a volunteer of a locked call said no, or nothing: the next one, while it waits.

    When nobody is left to ask or to answer, the ladder goes on at once: its wait was for volunteers.
    """
    if waits_now(call["state"], call["deadline"], work.now) != "waiting":
        return
    if terms.how == "one_by_one":
        policy = policy_of(rules, work.territory, work.now)
        need = proposals.need_of(policy, call, call["need"], call["patient"], work.now)
        if await make_offers(work, rules, call, need, terms):
            return
    await volunteers.go_on(work, call["id"])


async def expire_offer(work: Work, rules: Rules, timer: Record) -> None:
    """The time of an offer is over: unless it was answered or closed, the next volunteer is asked."""
    offer = present(await volunteers.offer(work, timer["subject_id"]))
    call = await escalation.lock(work, offer["call_id"])
    now = await volunteers.state(work, offer["id"])
    if now["state"] != "open":
        return
    if waits_now(call["state"], call["deadline"], work.now) != "waiting":
        closed = await volunteers.end(work, offer["id"], step(OFFER, "open", "close", refusal="offer_closed"))
        tell_closed(work, closed)
        return
    ended = await volunteers.end(work, offer["id"], step(OFFER, "open", "expire", refusal="offer_closed"))
    effector = tell.effector("person", ended["effector_id"])
    payload = OfferExpired(offer_id=ended["id"], call_id=ended["call_id"], effector=effector)
    work.emit(payload, version=ended["version"])
    await ask_next(work, rules, call, Terms(**offer["terms"]))


async def close_offers(work: Work) -> int:
    """A job: tells volunteers that a call waits no more. Nothing depends on it: such an offer reads as closed."""
    closed = await volunteers.close_served(work, BATCH)
    for row in closed:
        tell_closed(work, row)
    return len(closed)


def tell_closed(work: Work, row: Record) -> None:
    """Tells that an offer is closed."""
    effector = tell.effector("person", row["effector_id"])
    payload = OfferClosed(offer_id=row["id"], call_id=row["call_id"], effector=effector)
    work.emit(payload, version=row["version"], territory=row["territory"])
