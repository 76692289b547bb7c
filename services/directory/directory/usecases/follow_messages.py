"""What became of messages, what waits, and a message sent once more."""

from uuid import UUID

from directory.domain.channels import Owner
from directory.settings import DirectorySettings
from directory.store import messages
from kit.problems import Problem, or_404
from kit.work import Record, Work


async def list_messages(
    work: Work,
    *,
    owner: Owner | None,
    kind: str | None,
    state: str | None,
    batch: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[Record]:
    """Messages of the territory, the latest first."""
    return await messages.search(work, owner=owner, kind=kind, state=state, batch=batch, before=before, limit=limit)


async def queues(work: Work, settings: DirectorySettings) -> tuple[list[Record], str | None]:
    """What waits on the territory, and why no e-mail leaves (None when they do)."""
    held = None if settings.smtp_host else "No SMTP server is configured (DIRECTORY_SMTP_HOST): e-mails stay queued"
    return await messages.waiting(work), held


async def resend_message(work: Work, message_id: UUID) -> Record:
    """What was given up is tried again from the start. Raises Problem 404, 409 `nothing_to_resend`, 410."""
    found = or_404(await messages.find(work, message_id, lock=True), "message_unknown")
    if not found["kept"]:
        raise Problem(410, "content_forgotten", "Its content is no longer kept: write a new message")
    if not await messages.queue_again(work, message_id):
        raise Problem(409, "nothing_to_resend", "Nothing of this message was given up")
    return (await messages.search(work, owner=None, kind=None, state=None, batch=None, only=message_id, limit=1))[0]
