"""Searches of a *médecin traitant*: opened, listed by priority and age, closed with outcome and delay."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from contracts.doctor_search import DoctorSearchClosed, DoctorSearchOpened
from kit import rows
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work
from pathways.domain.dating import local_day, midnight
from pathways.domain.doctor_search import SearchRules
from pathways.domain.patient import age_band, age_on, department
from pathways.store import doctor_searches as store
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.follow_search import follow_search
from pathways.usecases.propose_doctor import SEARCH, end_proposal, lock_search
from pathways.usecases.show_patient import find_patient

Outcome: TypeAlias = Literal["found_elsewhere", "patient_withdrew", "patient_moved", "patient_deceased", "other"]
SearchState: TypeAlias = Literal["waiting", "proposed", "closed"]
_NOT_PUT_ASIDE = "NOT EXISTS (SELECT FROM patient p WHERE p.id = r.patient_id AND p.restricted_at IS NOT NULL)"


@dataclass(frozen=True)
class SearchView:
    """A search and its proposals, the oldest first."""

    row: Record
    proposals: list[Record]


async def open_search(
    work: Work, access: Access, seal: Seal, rules: SearchRules, *, patient_id: UUID, told: Collection[str]
) -> SearchView:
    """`told`: the criteria that hold and that no age says. Raises Problem 403, 404, 410, 409 `search_open`, 422."""
    await access.check(patient_id, "team", "write", action="doctor_search")
    if unknown := sorted(set(told) - set(rules.told)):
        raise field_problem("criteria", "criterion_unknown", f"No {unknown[0]!r} here; known: {', '.join(rules.told)}")
    patient = await find_patient(work, patient_id)
    if known := await store.running(work, patient_id):
        raise Problem(409, "search_open", "A search for this patient is open", search_id=known["id"])
    born, today = seal.birth_date(patient), local_day(work.now)
    held = rules.holding(told, age_on(born, today))
    values = {"commune": patient["commune"], "age_band": age_band(born, today), "criteria": [it.code for it in held]}
    row = await rows.add(
        work,
        SEARCH,
        access.caller.subject,
        patient_id=patient_id,
        **values,
        priority=rules.priority(held),
        rules_version=rules.version,
        state="waiting",
        opened_at=work.now,
    )
    event = DoctorSearchOpened(
        search_id=row["id"], department=department(row["commune"]), priority=row["priority"], age_band=row["age_band"]
    )
    work.emit(event, version=1)
    return SearchView(row, [])


async def show_search(work: Work, access: Access, search_id: UUID) -> SearchView:
    """Raises Problem 403, 404 or 410."""
    row = or_404(await rows.find(work, SEARCH, search_id), "search_unknown")
    await access.check(row["patient_id"], "team")
    return SearchView(row, await store.proposals(work, search_id))


async def list_searches(
    work: Work,
    *,
    state: SearchState | None,
    priority: int | None,
    until: datetime | None,
    after: tuple[object, ...] | None,
    limit: int,
) -> list[Record]:
    """One more than `limit` of those that wait or are in this state: by priority, then the oldest first."""
    wanted = [("state = ?", state), ("priority = ?", priority), (_NOT_PUT_ASIDE,)]
    wanted += [] if state else [("state <> ?", "closed")]
    order = ("priority", "opened_at", "id")
    return await rows.listed(work, SEARCH, wanted, order=order, until=until, after=after, limit=limit + 1)


async def close_search(work: Work, access: Access, search_id: UUID, outcome: Outcome) -> SearchView:
    """Otherwise than by a doctor who accepts. An open proposal is withdrawn. Raises Problem 403, 404, 410 or 409."""
    search = await lock_search(work, access, search_id)
    await end_search(work, search, outcome, access.caller.subject)
    return await show_search(work, access, search_id)


async def end_search(work: Work, search: Record, outcome: str, by: str, doctor: str | None = None) -> Record:
    """Closes it, for who may, and tells how long it took; pathways that wait for a doctor go on."""
    proposals = await store.proposals(work, search["id"])
    for it in proposals:
        if it["state"] == "open":
            await end_proposal(work, it, "withdrawn", by)
    values = {"state": "closed", "closed_at": work.now, "outcome": outcome, "doctor": doctor}
    row = await rows.change(work, SEARCH, search["id"], by, **values)
    event = DoctorSearchClosed(
        search_id=row["id"],
        department=department(row["commune"]),
        priority=row["priority"],
        outcome=outcome,
        days=(local_day(work.now) - local_day(row["opened_at"])).days,
        proposals=len(proposals),
    )
    work.emit(event, version=row["version"])
    await follow_search(work, row, by)
    return row


async def end_double_search(work: Work, patient_id: UUID, other_id: UUID, by: str) -> None:
    """Two entries of one person become one, and so do their searches: that of the entry that stays goes on."""
    double = await store.running(work, other_id)
    if double is not None and await store.running(work, patient_id) is not None:
        await end_search(work, double, "merged", by)


async def count_searches(work: Work, first: date, last: date) -> list[Record]:
    """By priority, of searches opened from the first to the last day. Raises Problem 422 `period_refused`."""
    if last < first:
        raise field_problem("last", "period_refused", "Not before the first day")
    return await store.figures(work, midnight(first), midnight(last + timedelta(days=1)))
