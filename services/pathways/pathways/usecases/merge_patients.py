"""Two entries of one person: suspected by themselves, merged or told apart by somebody who cares for them."""

from uuid import UUID

from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.duplicates import likeness
from pathways.domain.patient import Identity
from pathways.store import duplicates, patients
from pathways.store.seal import Seal
from pathways.usecases.access import Access, check_present
from pathways.usecases.keep_experts import end_same_roles
from pathways.usecases.seek_doctor import end_double_search


async def note_duplicates(work: Work, access: Access, seal: Seal, patient_id: UUID, identity: Identity) -> None:
    """Compares with whoever was born on the same day; what is alike becomes a pair to look at."""
    for row in await duplicates.born_the_same_day(work, patient_id, seal.birth_index(identity.birth_date)):
        if why := likeness(identity, seal.open(row)):
            await duplicates.add(work, patient_id, row["id"], why, access.caller.subject)


async def list_duplicates(
    work: Work, access: Access, state: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """One more than `limit`, the newest first: of the territory for a coordinator, else of one's patients."""
    return await duplicates.several(
        work, state, everything=access.coordinates, people=access.people, after=after, limit=limit + 1
    )


async def dismiss_duplicate(work: Work, access: Access, duplicate_id: UUID) -> Record:
    """They are two people. Raises Problem 403, 404, 409 `duplicate_decided` or 410."""
    pair = await duplicates.lock(work, duplicate_id)
    if pair is None:
        raise Problem(404, "duplicate_unknown", "No such pair on this territory")
    await _check_either(access, pair)
    if pair["state"] != "suspected":
        raise Problem(409, "duplicate_decided", "This was decided before", state=pair["state"])
    return await duplicates.decide(work, duplicate_id, "dismissed", access.caller.subject)


async def _check_either(access: Access, pair: Record) -> None:
    if not await access.allows(pair["other_id"], "identity", "write"):
        await access.check(pair["patient_id"], "identity", "write", purpose="correction", action="dismiss_duplicate")


async def merge_patients(work: Work, access: Access, patient_id: UUID, other_id: UUID) -> None:
    """The other entry becomes part of this one, for good; who did it stands in the record of both.

    Raises Problem 403, 404, 409 `same_pathway` (leave one first), 410 or 422 `same_entry`.
    """
    if patient_id == other_id:
        raise field_problem("other_id", "same_entry", "Two entries, not one")
    for one in (patient_id, other_id):
        await access.check(one, "identity", "write", purpose="correction", action="merge")
    for one in sorted((patient_id, other_id)):
        row = await patients.lock(work, one)
        if row is not None:
            check_present(row)
    pathway = await duplicates.same_pathway(work, patient_id, other_id)
    if pathway is not None:
        raise Problem(409, "same_pathway", "Both are on this pathway: leave one of the two first", template=pathway)
    await end_same_roles(work, patient_id, other_id, access.caller.subject)
    await end_double_search(work, patient_id, other_id, access.caller.subject)
    await duplicates.move(work, patient_id, other_id, access.caller.subject)
