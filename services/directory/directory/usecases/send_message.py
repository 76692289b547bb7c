"""The one port through which anybody is told anything. It queues; the worker brings it (deliver_email).

It queues in the transaction of its caller, so that a message and the reason for it commit together.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from directory.domain.messages import Attachment, Message, MessageKinds, Recipient
from directory.store import channels, messages
from kit.crypto import Keyring
from kit.work import Work


async def send_message(
    work: Work,
    keyring: Keyring,
    recipient: Recipient,
    message: Message,
    *,
    batch: UUID | None = None,
    by: str | None = None,
    message_id: UUID | None = None,
) -> UUID:
    """Queues a message to every confirmed channel of the recipient that may carry its purpose; answers its id.

    Nobody is written to whose address is not confirmed: the message is then `unreachable`, and shown as such
    (`GET /v1/messages?state=unreachable`). An `email` recipient is an address of a diffusion list and needs no channel.
    `batch` groups what was sent together (a newsletter, a campaign). At least once: see
    docs/webhooks.md. `message_id`: chosen by the caller, for a text that holds a link to itself.
    """
    message_id = message_id or work.new_id()
    told = (recipient.kind, masked(recipient.id) if recipient.kind == "email" else recipient.id)
    sealed = keyring.encrypt(json.dumps(asdict(message)), content_of(message_id))
    author = by or (work.caller.subject if work.caller else "job")
    await messages.keep(
        work, message_id, kind=message.kind, purpose=message.purpose, owner=told, batch=batch, sealed=sealed, by=author
    )
    if recipient.kind == "email":
        await queue_email(work, keyring, message_id, message.kind, recipient.id)
        return message_id
    for row in await channels.usable(work, told, message.purpose):
        new = work.new_id()
        await messages.queue(
            work, message_id, message.kind, lane=row["kind"], channel_id=row["id"], sealed=None, new=new
        )
    return message_id


def compose(kinds: MessageKinds, kind: str, variables: Mapping[str, Any], **rest: Any) -> Message:
    """The message of a kind with its text (`deploy/reference/messages/<kind>.yaml`); `rest`: html, attachments, link.

    Raises ValueError for variables that the kind does not allow, KeyError for a kind without a file.
    """
    return kinds[kind].written(variables, **rest)


async def queue_email(work: Work, keyring: Keyring, message_id: UUID, kind: str, address: str) -> None:
    """One delivery to an address that is no channel, or none that is confirmed."""
    new = work.new_id()
    sealed = keyring.encrypt(address, address_of(new))
    await messages.queue(work, message_id, kind, lane="email", channel_id=None, sealed=sealed, new=new)


def opened(keyring: Keyring, message_id: UUID, sealed: bytes) -> Message:
    """The content of a stored message. Raises UndecryptableError."""
    values = json.loads(keyring.decrypt(sealed, content_of(message_id)))
    return Message(**values | {"attachments": tuple(Attachment(**it) for it in values["attachments"])})


def masked(address: str) -> str:
    """An e-mail address as it may be shown: its first letter and its domain."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def content_of(message_id: UUID) -> bytes:
    """What a sealed content is bound to."""
    return f"message:{message_id}".encode()


def address_of(row_id: UUID) -> bytes:
    """What a sealed address, of a channel or of a delivery, is bound to."""
    return f"address:{row_id}".encode()
