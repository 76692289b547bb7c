"""Documents of a meeting: who may read them, the list, the bytes."""

from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.association import BOARD, BUREAU, Association
from directory.store import mandates, meeting_documents, members
from directory.usecases.access import COORDINATOR
from directory.usecases.find_meeting import find_meeting
from kit.auth import Caller
from kit.blobs import BlobStore, read_bytes
from kit.problems import Problem, or_404
from kit.work import Record, Work


async def invited(work: Work, rules: Association, meeting: Record) -> list[Record]:
    """Who may attend: who sits on the board or bureau that meets, all members of the day else."""
    day = paris_day(meeting["starts_at"])
    standing = await members.standing(work, day)
    kind = rules.meetings.get(meeting["kind"])
    if kind is None or kind.body not in (BOARD, BUREAU):
        return standing
    seats = {row["member_id"] for row in await mandates.sitting(work, day, None) if row["body"] == kind.body}
    return [row for row in standing if row["id"] in seats]


async def readable_meeting(work: Work, caller: Caller, rules: Association, meeting_id: UUID) -> Record:
    """The meeting, for a coordinator or somebody who may attend it. Raises Problem 403 `not_invited`, 404."""
    meeting = await find_meeting(work, meeting_id)
    if caller.role != COORDINATOR:
        people = {row["rpps"] for row in await invited(work, rules, meeting)}
        if caller.rpps is None or caller.rpps not in people:
            raise Problem(403, "not_invited", "Documents of a meeting are for those who may attend it")
    return meeting


async def list_documents(work: Work, caller: Caller, rules: Association, meeting_id: UUID) -> list[Record]:
    """Those that stand. Raises Problem 403, 404."""
    await readable_meeting(work, caller, rules, meeting_id)
    return await meeting_documents.of_meeting(work, meeting_id)


async def find_document(work: Work, meeting_id: UUID, document_id: UUID) -> Record:
    """Raises Problem 404."""
    return or_404(
        await meeting_documents.find(work, meeting_id, document_id),
        "document_unknown",
        "The meeting has no such document",
    )


async def read_document(
    work: Work, blobs: BlobStore, caller: Caller, rules: Association, *, meeting_id: UUID, document_id: UUID
) -> tuple[Record, bytes]:
    """One document and its bytes. Raises Problem 403, 404."""
    await readable_meeting(work, caller, rules, meeting_id)
    row = await find_document(work, meeting_id, document_id)
    return row, await read_bytes(blobs, row["blob"])
