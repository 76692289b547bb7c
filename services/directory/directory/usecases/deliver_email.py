"""Brings queued e-mails to the SMTP server, each when it is due. A job of the worker.

The job claims a batch for some minutes and commits that before anybody is asked: no transaction stays open for a
slow server. A process that dies leaves its deliveries due again, so the same message may arrive twice: `Message-Id` is
that of the delivery and does not change, by which mail programs recognise it. Addresses and texts are never logged.
"""

import asyncio
import random
import time
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib
import structlog

from contracts.envelope import NATIONAL
from directory.domain.deliveries import DeliveryRules
from directory.domain.messages import MOST_ATTACHED, Message
from directory.settings import DirectorySettings
from directory.store import deliveries
from directory.store.deliveries import Outcome
from directory.usecases.send_message import address_of, opened
from kit.blobs import BlobStore, read_bytes
from kit.crypto import Keyring, UndecryptableError
from kit.database import Database
from kit.runtime import Runtime
from kit.work import Record

log = structlog.get_logger(__name__)

BATCH, AT_ONCE = 10, 2
"""Messages over one connection to the SMTP server; connections of a process."""
LEASE = timedelta(minutes=5)
PERMANENT = 500
_UNWRITABLE: dict[type[Exception], str] = {UndecryptableError: "sealed", FileNotFoundError: "file_gone"}


class Mailer:
    """The job. `run` claims and begins; `settle` waits for what was begun (tests)."""

    def __init__(self, settings: DirectorySettings, rules: DeliveryRules) -> None:
        self._settings, self._rules = settings, rules
        self._sending = set[asyncio.Task[None]]()

    async def run(self, runtime: Runtime) -> int:
        """Begins to send what is due; answers how many. Without SMTP server everything stays queued."""
        if self._settings.smtp_host is None or len(self._sending) >= AT_ONCE:
            return 0
        async with runtime.system.work(NATIONAL) as work:
            due = await deliveries.claim_email(work, work.now + LEASE, BATCH)
        if due:
            task = asyncio.create_task(self._send(runtime, due))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(due)

    async def settle(self) -> None:
        await asyncio.gather(*self._sending)

    async def _send(self, runtime: Runtime, due: list[Record]) -> None:
        client = self._client()
        try:
            try:
                await client.connect()
                away = None
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
                away = Outcome(_cause(error), getattr(error, "code", None))
            for row in due:
                await self._one(runtime, client, row, away)
        except Exception as error:  # noqa: BLE001 - tried again when the lease ends
            log.error("e-mails failed", error=type(error).__name__)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        it = self._settings
        return aiosmtplib.SMTP(
            hostname=it.smtp_host,
            port=it.smtp_port,
            username=it.smtp_user,
            password=it.smtp_password.get_secret_value() if it.smtp_password else None,
            use_tls=it.smtp_tls == "tls",
            start_tls=it.smtp_tls == "starttls",
            timeout=self._rules.timeout_seconds,
        )

    async def _one(self, runtime: Runtime, client: aiosmtplib.SMTP, row: Record, away: Outcome | None) -> None:
        began = time.perf_counter()
        outcome = away or await self._attempt(runtime, client, row)
        spent = int((time.perf_counter() - began) * 1000)
        await _note(runtime.db, self._rules, row, Outcome(outcome.code, outcome.status, spent, None, outcome.final))

    async def _attempt(self, runtime: Runtime, client: aiosmtplib.SMTP, row: Record) -> Outcome:
        if row["ended_at"] is not None or row["content"] is None:
            return Outcome("withdrawn", final=True)
        try:
            address, message = _opened(runtime.keyring, row)
            mail = await _mail(runtime.blobs, message, row, address, self._settings.mail_from)
        except (UndecryptableError, FileNotFoundError, ValueError) as error:
            return Outcome(_UNWRITABLE.get(type(error), "unwritable"), final=True)
        try:
            await client.send_message(mail)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            status = _status(error)
            return Outcome(_cause(error), status, final=status is not None and status >= PERMANENT)
        return Outcome("delivered", 250)


async def _note(database: Database, rules: DeliveryRules, row: Record, outcome: Outcome) -> None:
    async with database.work(row["territory"]) as work:
        again = rules.again_at(rules.email_waits, row["tries"], work.now, random.random())  # noqa: S311
        if outcome.delivered:
            state = "delivered"
        elif outcome.code == "withdrawn":
            state = "cancelled"
        else:
            state = "failed" if outcome.final or again is None else "queued"
        await deliveries.settle(work, row["id"], row["attempts"], outcome, state=state, next_at=again or work.now)
    if not outcome.delivered:
        log.info("e-mail not delivered", territory=row["territory"], outcome=outcome.code, status=outcome.status)


def _opened(keyring: Keyring, row: Record) -> tuple[str, Message]:
    if row["channel_id"] is None:
        address = keyring.decrypt(row["direct"], address_of(row["id"]))
    else:
        address = keyring.decrypt(row["address"], address_of(row["channel_id"]))
    return address, opened(keyring, row["message_id"], row["content"])


async def _mail(blobs: BlobStore, message: Message, row: Record, address: str, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, Address(addr_spec=address), message.subject
    mail["Date"] = format_datetime(row["created_at"])
    mail["Message-Id"] = f"<{row['id']}@{sender.rpartition('@')[2].rstrip('> ')}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence notice answers it
    if message.unsubscribe:
        # RFC 2369, RFC 8058: mail programs show a button, which posts and asks nothing more.
        mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    room = MOST_ATTACHED
    for it in message.attachments:
        content = await read_bytes(blobs, it.blob)
        room -= len(content)
        if room < 0:
            raise ValueError("attachments too large")
        kind, _, subtype = it.media_type.partition("/")
        mail.add_attachment(content, maintype=kind, subtype=subtype, filename=it.name)
    return mail


def _status(error: Exception) -> int | None:
    """The reply code of the server. Its words may hold the address: they are not kept."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return error.recipients[0].code
    code = getattr(error, "code", None)
    return code if isinstance(code, int) else None


def _cause(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return "recipient_refused"
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "login_refused"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return "refused"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "unreachable"
