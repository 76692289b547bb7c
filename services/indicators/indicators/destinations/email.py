"""An e-mail in French with a link to each file, and no attachment: who opens it signs in."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from indicators.destinations import DeliveryError, Means, Parcel
from indicators.domain.exports import Email
from indicators.domain.report import PROVISIONAL, TITLES

_SECONDS = 30


async def deliver(parcel: Parcel, destination: Email, means: Means) -> str:
    """The receipt is the server's answer to the message. Raises DeliveryError; `unsure` once the text was under way."""
    mail = _mail(parcel, means.secret(destination.to_env), means)
    client = _client(means)
    try:
        await client.connect()
    except aiosmtplib.SMTPAuthenticationError:
        raise DeliveryError("login_refused") from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        raise DeliveryError("unreachable") from None
    try:
        _, answer = await client.send_message(mail)
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
        raise DeliveryError("refused", final=_status(error) >= 500) from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        # The connection broke somewhere between the first command and the last answer.
        raise DeliveryError("unsure", unsure=True) from None
    finally:
        client.close()
    return f"SMTP {answer}"[:200]


def _client(means: Means) -> aiosmtplib.SMTP:
    it = means.smtp
    if it.host is None:
        raise DeliveryError("no_smtp_server")
    return aiosmtplib.SMTP(
        hostname=it.host,
        port=it.port,
        username=it.user,
        password=it.password.get_secret_value() if it.password else None,
        use_tls=it.tls == "tls",
        start_tls=it.tls == "starttls",
        timeout=_SECONDS,
    )


def _mail(parcel: Parcel, to: str, means: Means) -> EmailMessage:
    mail = EmailMessage()
    try:
        mail["From"], mail["To"] = means.smtp.sender, Address(addr_spec=to)
    except (ValueError, IndexError):
        raise DeliveryError("address_unreadable", final=True) from None
    title = f"{TITLES[parcel.told['what']]} {parcel.told['period']}"
    title += f" ({PROVISIONAL})" if parcel.told.get("provisional") else ""
    mail["Subject"] = f"{title} – {parcel.told['territory']}"
    mail["Date"] = format_datetime(means.now)
    mail["Message-Id"] = f"<{parcel.key}@{means.smtp.sender.rpartition('@')[2].rstrip('> ')}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence notice answers it
    links = "\n".join(f"{means.link}/files/{it.name}" for it in parcel.files)
    mail.set_content(
        f"Bonjour,\n\n{title} est disponible, après connexion, aux adresses suivantes :\n\n{links}\n\n"
        "Ce message est automatique.\n"
    )
    return mail


def _status(error: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPResponseException) -> int:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return error.recipients[0].code
    return error.code
