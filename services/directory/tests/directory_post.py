"""A real SMTP server on this machine that keeps what it takes, and says no when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

from directory.usecases.deliver_email import Mailer
from directory.usecases.load_reference import Reference


@dataclass
class Sink:
    """`answers` are given to the next messages, one each; after them everything is taken."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.tried.append(str(mail["Message-Id"]))
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(mail)
        return "250 taken"


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    found = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(found), "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()


async def post(directory: Any) -> int:
    """One round of the worker's e-mail job, to its end."""
    reference: Reference = directory.runtime.extras["reference"]
    mailer = Mailer(directory.runtime.settings, reference.deliveries)
    begun = await mailer.run(directory.runtime)
    await mailer.settle()
    return begun
