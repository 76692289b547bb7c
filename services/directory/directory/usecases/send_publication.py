"""Sends a published version to diffusion lists: everybody gets it once, whatever the lists they stand on."""

from collections.abc import Sequence
from uuid import UUID

from contracts.directory import ListSent
from contracts.envelope import NATIONAL
from directory.domain.as_of import paris_day
from directory.domain.french import french_day
from directory.domain.messages import Attachment, Recipient
from directory.domain.publications import MEDIA_TYPES
from directory.store import diffusions
from directory.usecases.load_reference import Reference
from directory.usecases.send_message import send_message
from directory.usecases.show_publication import find_publication
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import field_problem
from kit.work import Record, Work

BY = "send-publications"
_BATCH = 50


async def send_publication(work: Work, caller: Caller, publication_id: UUID, list_ids: Sequence[UUID]) -> int:
    """Plans it for those who have not had it, and tells whom; the job does the rest. Answers how many.

    Raises Problem 404, or 422 for an unknown list.
    """
    publication = await find_publication(work, publication_id)
    if unknown := set(list_ids) - await diffusions.known_lists(work, list_ids):
        raise field_problem("lists", "diffusion_list_unknown", f"No list {min(unknown)} stands on this territory")
    planned = await diffusions.plan(work, publication_id, list_ids, caller.subject)
    if planned:
        told = ListSent(
            sending_id=work.new_id(),
            publication_id=publication_id,
            list=publication["list"],
            number=publication["number"],
            recipient_count=len(planned),
            recipients=tuple(planned),
        )
        work.emit(told, version=1)
    return len(planned)


async def hand_on(work: Work, keyring: Keyring, reference: Reference, public_url: str) -> int:
    """The job: one batch of recipients, of every territory. Answers how many."""
    rows = await diffusions.waiting(work, _BATCH)
    for row in rows:
        work.territory = row["territory"]
        message_id = await _write(work, keyring, reference, public_url, row)
        await diffusions.note_message(work, row["publication_id"], row["recipient"], message_id, BY)
    work.territory = NATIONAL
    return len(rows)


async def _write(work: Work, keyring: Keyring, reference: Reference, public_url: str, row: Record) -> UUID:
    """Files go with an e-mail; a webhook is told where to fetch them, with a token."""
    variables = {
        "territory": reference.territories[work.territory].name,
        "title": row["title"],
        "number": row["number"],
        "day": french_day(paris_day(row["published_at"])),
        **{name: row[name] for name in ("added", "gone", "changed")},
    }
    names = {kind: f"{row['list']}-{row['number']}.{kind}" for kind in MEDIA_TYPES}
    files = tuple(Attachment(names[kind], row["files"][kind]["blob"], media) for kind, media in MEDIA_TYPES.items())
    link = f"{public_url}/v1/publications/{row['publication_id']}"
    message = reference.messages["list_published"].written(variables, attachments=files, link=link)
    return await send_message(work, keyring, recipient_of(keyring, row), message, batch=row["publication_id"], by=BY)


def recipient_of(keyring: Keyring, row: Record) -> Recipient:
    if row["owner_kind"] != "email":
        return Recipient(row["owner_kind"], row["owner"])
    return Recipient("email", keyring.decrypt(row["address"], address_bound_to(row["recipient_id"])))


def address_bound_to(recipient_id: UUID) -> bytes:
    """What a sealed address of a recipient is bound to."""
    return f"diffusion:{recipient_id}".encode()
