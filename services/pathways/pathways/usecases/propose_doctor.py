"""Proposes a search to one doctor after the other: the nearest who takes such patients and has a place left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from contracts.doctor_search import DoctorProposalAnswered
from kit import rows
from kit.problems import Problem, or_404
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.doctor_search import Candidate, SearchRules, Wanted, ranked
from pathways.domain.geography import Centroids
from pathways.store import doctor_searches as store
from pathways.usecases.access import Access

SEARCH, PROPOSAL = "doctor_search", "doctor_proposal"
BY = "lapse-doctor-proposals"


@dataclass(frozen=True)
class Matching:
    """What a match goes by: the rules of each territory, and how far communes are from each other."""

    rules: Mapping[str, SearchRules]
    centroids: Centroids


async def list_candidates(work: Work, access: Access, matching: Matching, search_id: UUID) -> list[Candidate]:
    """Every doctor who said something, those who can be asked first. Raises Problem 403, 404, 410."""
    search = or_404(await rows.find(work, SEARCH, search_id), "search_unknown")
    await access.check(search["patient_id"], "team")
    return (await _candidates(work, matching, search))[0]


async def propose_doctor(work: Work, access: Access, matching: Matching, search_id: UUID, rpps: str | None) -> Record:
    """To the first who can be asked, or to the one who is named.

    Raises Problem 403, 404, 410, 409 `search_closed`, `proposal_open`, `no_doctor`, or `doctor_not_fitting`.
    """
    search = await lock_search(work, access, search_id)
    if search["state"] == "proposed":
        raise Problem(409, "proposal_open", "A doctor has this search before them: wait for the answer")
    made = await _propose(work, matching, search, access.caller.subject, rpps)
    if made is None:
        raise Problem(409, "no_doctor", "Nobody can be asked now: see /doctors for why")
    return made


async def lock_search(work: Work, access: Access, search_id: UUID) -> Record:
    """A search that is not closed, for this transaction. Raises Problem 403, 404, 410, 409 `search_closed`."""
    search = or_404(await rows.find(work, SEARCH, search_id, lock=True), "search_unknown")
    await access.check(search["patient_id"], "team", "write", action="doctor_search")
    if search["state"] == "closed":
        raise Problem(409, "search_closed", "This search is closed")
    return search


async def propose_next(work: Work, matching: Matching, search: Record, by: str) -> None:
    """After a refusal, or an answer that did not come: asks the next one, if anybody can be asked."""
    await _propose(work, matching, search, by, None)


async def lapse_proposals(work: Work, matching: Matching, limit: int) -> int:
    """The job: proposals that nobody answered in time lapse, of every territory, and the next doctor is asked."""
    found, own = await store.lapsing(work, limit), work.territory
    for proposal in found:
        work.territory = proposal["territory"]
        await end_proposal(work, proposal, "lapsed", BY)
        search = await rows.change(work, SEARCH, proposal["search_id"], BY, state="waiting")
        await propose_next(work, matching, search, BY)
    work.territory = own
    return len(found)


async def end_proposal(work: Work, proposal: Record, state: str, by: str, reason: str | None = None) -> Record:
    """Ends an open proposal and tells how."""
    values = {"state": state, "reason": reason, "answered_at": work.now}
    row = await rows.change(work, PROPOSAL, proposal["id"], by, **values)
    hours = int((work.now - row["proposed_at"]).total_seconds() // 3600)
    event = DoctorProposalAnswered(
        proposal_id=row["id"], search_id=row["search_id"], answer=state, reason=reason, after_hours=hours
    )
    work.emit(event, version=row["version"])
    return row


async def _propose(work: Work, matching: Matching, search: Record, by: str, rpps: str | None) -> Record | None:
    # Two searches that both see a doctor's last place: the second one counts once the first one has taken it.
    await store.one_at_a_time(work)
    found, versions = await _candidates(work, matching, search)
    chosen = next((it for it in found if it.fits and rpps in (None, it.rpps)), None)
    if chosen is None and rpps is not None:
        why = next((it.reasons for it in found if it.rpps == rpps), ("does_not_accept",))
        raise Problem(409, "doctor_not_fitting", "This doctor cannot be asked", reasons=list(why))
    if chosen is None or chosen.km is None:
        return None
    answer_by = work.now + timedelta(hours=matching.rules[work.territory].answer_hours)
    about = {"search_id": search["id"], "patient_id": search["patient_id"], "rpps": chosen.rpps, "km": chosen.km}
    made = {"statement_version": versions[chosen.rpps], "proposed_at": work.now, "answer_by": answer_by}
    await rows.change(work, SEARCH, search["id"], by, state="proposed")
    return await rows.add(work, PROPOSAL, by, **about, **made, state="open")


async def _candidates(work: Work, matching: Matching, search: Record) -> tuple[list[Candidate], dict[str, int]]:
    rules = matching.rules[work.territory]
    known, versions = await store.doctors(work)
    before = await store.proposals(work, search["id"])
    wanted = Wanted(
        commune=search["commune"],
        age_from=int(search["age_band"].rstrip("+").partition("-")[0]),
        kinds=frozenset(it.accepted_as for it in rules.criteria if it.code in search["criteria"] and it.accepted_as),
        asked=frozenset(it["rpps"] for it in before if it["state"] in ("refused", "lapsed")),
        refused=frozenset(await store.objected(work, search["patient_id"])),
    )
    return ranked(rules, wanted, known, matching.centroids.distance, local_day(work.now)), versions
