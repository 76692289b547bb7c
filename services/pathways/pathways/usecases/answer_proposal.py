"""A doctor answers a proposal, or a coordinator who asked them by phone. Before they accept they see the least."""

from typing import Literal, TypeAlias
from uuid import UUID

from kit import rows
from kit.problems import Problem, or_404
from kit.work import Record, Work
from pathways.store import doctor_searches as store
from pathways.store import team
from pathways.store.access_tables import TeamMember
from pathways.usecases.access import Access
from pathways.usecases.propose_doctor import PROPOSAL, SEARCH, Matching, end_proposal, propose_next
from pathways.usecases.seek_doctor import end_search
from pathways.usecases.show_patient import find_patient

RefusalReason: TypeAlias = Literal["no_place_left", "too_far", "not_my_practice", "known_conflict", "other"]
ProposalState: TypeAlias = Literal["open", "accepted", "refused", "lapsed", "withdrawn"]


async def list_proposals(
    work: Work, access: Access, *, rpps: str | None, state: ProposalState | None, after: UUID | None, limit: int
) -> list[Record]:
    """One more than `limit`, the newest first: of the doctor who asks, or of anybody for a coordinator."""
    own = rpps if access.coordinates else access.caller.rpps
    if own is None and not access.coordinates:
        return []
    return await store.listed_proposals(work, own, state, after, limit + 1)


async def accept_proposal(work: Work, access: Access, proposal_id: UUID) -> Record:
    """The doctor joins the care team as *médecin traitant*; the search is closed. Raises Problem 403, 404, 409, 410."""
    proposal, search = await _open(work, access, proposal_id)
    if (await find_patient(work, search["patient_id"]))["restricted_at"] is not None:
        raise Problem(409, "patient_restricted", "This entry is put aside: it is kept and not used")
    by, doctor = access.caller.subject, proposal["rpps"]
    await end_proposal(work, proposal, "accepted", by)
    await team.add(work, _member(work, search["patient_id"], doctor, by))
    await end_search(work, search, "placed", by, doctor)
    return await _answer(work, proposal_id)


async def refuse_proposal(
    work: Work, access: Access, matching: Matching, proposal_id: UUID, reason: RefusalReason
) -> Record:
    """The next doctor is asked at once. Raises Problem 403, 404 or 409 `proposal_over`."""
    proposal, search = await _open(work, access, proposal_id)
    await end_proposal(work, proposal, "refused", access.caller.subject, reason)
    waiting = await rows.change(work, SEARCH, search["id"], access.caller.subject, state="waiting")
    await propose_next(work, matching, waiting, access.caller.subject)
    return await _answer(work, proposal_id)


async def _open(work: Work, access: Access, proposal_id: UUID) -> tuple[Record, Record]:
    """The search is locked before the proposal, as by everybody else."""
    proposal = or_404(await rows.find(work, PROPOSAL, proposal_id), "proposal_unknown")
    if not access.coordinates and access.caller.rpps != proposal["rpps"]:
        raise Problem(403, "not_your_proposal", "Only the doctor who was asked answers, or a coordinator for them")
    search = or_404(await rows.find(work, SEARCH, proposal["search_id"], lock=True), "search_unknown")
    locked = or_404(await rows.find(work, PROPOSAL, proposal_id, lock=True), "proposal_unknown")
    if locked["state"] != "open" or locked["answer_by"] <= work.now:
        raise Problem(409, "proposal_over", "This proposal was answered, lapsed or taken back", state=locked["state"])
    return locked, search


async def _answer(work: Work, proposal_id: UUID) -> Record:
    return or_404(await store.proposal_seen(work, proposal_id), "proposal_unknown")


def _member(work: Work, patient_id: UUID, rpps: str, by: str) -> TeamMember:
    return TeamMember(
        id=work.new_id(),
        territory=work.territory,
        patient_id=patient_id,
        person=f"rpps:{rpps}",
        role="regular-doctor",
        basis="consent",
        starts_at=work.now,
        version=1,
        changed_at=work.now,
        changed_by=by,
    )
