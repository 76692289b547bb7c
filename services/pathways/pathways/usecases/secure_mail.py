"""What a secure mail (MSSanté) would carry of an exchange, as a file ready to send (docs/mssante.md).

RFC 5322 and MIME. `X-Unsent: 1` makes mail programs open it as a draft. The subject names nobody.
"""

from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from kit.blobs import BlobStore
from kit.problems import Problem
from kit.work import Record
from pathways.domain.french_time import french_day
from pathways.store import threads
from pathways.usecases.exchange import (
    Contact,
    Desk,
    OpenThread,
    contact_of,
    enter_thread,
    file_content,
    file_name,
    message_text,
)

_MOST_MESSAGES = 500
_MOST_BYTES = 20_000_000


async def write_secure_mail(desk: Desk, blobs: BlobStore, thread_id: UUID) -> bytes:
    """The whole exchange with its files, from the caller to the other participants.

    Raises Problem 403, 404, 409 `no_secure_mailbox` or `too_large_to_mail`, 410.
    """
    opened = await enter_thread(desk, thread_id, action="write_mail")
    found = [it for it in await threads.participants(desk.work, thread_id) if it["left_at"] is None]
    known = {it["person"]: contact_of(opened.keys, it) for it in await threads.participants(desk.work, thread_id)}
    mine = next((it for it in found if it["person"] in desk.access.people), None)
    to = [box for it in found if it is not mine and (box := known[it["person"]].secure_mailbox)]
    sender = known[mine["person"]].secure_mailbox if mine else None
    if not to or sender is None:
        raise Problem(409, "no_secure_mailbox", "The sender and at least one other participant need a secure mailbox")
    written = list(reversed(await threads.messages(desk.work, thread_id, None, _MOST_MESSAGES)))
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ", ".join(to), "Échange entre professionnels de santé"
    mail["Date"] = format_datetime(desk.work.now)
    mail["Message-Id"] = f"<{desk.work.new_id()}@{sender.rpartition('@')[2]}>"
    mail["X-Unsent"] = "1"
    mail.set_content(_text(opened, written, known))
    await _attach(mail, desk, opened, blobs, written)
    return mail.as_bytes()


def _text(opened: OpenThread, written: list[Record], known: dict[str, Contact]) -> str:
    parts = [opened.subject, ""]
    for row in written:
        name = known[row["author"]].name if row["author"] in known else None
        parts += [f"{name or row['author']}, {french_day(row['written_at'])} :", message_text(opened.keys, row), ""]
    return "\n".join(parts)


async def _attach(mail: EmailMessage, desk: Desk, opened: OpenThread, blobs: BlobStore, written: list[Record]) -> None:
    found = await threads.files(desk.work, [row["id"] for row in written])
    if sum(row["size"] for row in found) > _MOST_BYTES:
        raise Problem(409, "too_large_to_mail", f"The files are more than {_MOST_BYTES} bytes together")
    for row in found:
        kind, _, subtype = row["media_type"].partition("/")
        content = await file_content(opened.keys, blobs, row)
        mail.add_attachment(content, maintype=kind, subtype=subtype, filename=file_name(opened.keys, row))
