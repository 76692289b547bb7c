"""A newsletter goes to everybody who wants it, and to the addresses of a diffusion list."""

from uuid import UUID

from directory.domain.channels import email, is_secure
from directory.domain.messages import Recipient
from directory.domain.newsletter import page_of
from directory.store import channels, newsletters
from directory.usecases.means import Means
from directory.usecases.open_channel import secure_mailbox_refused
from directory.usecases.send_message import compose, send_message
from directory.usecases.unsubscribe import unsubscribe_link, willing
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work


async def send_newsletter(
    work: Work, means: Means, caller: Caller, *, subject: str, text: str, addresses: list[str]
) -> Record:
    """One message to each, in one transaction: all of them are queued or none. Raises Problem 409, 422.

    Recipients: every owner of a confirmed channel for newsletters, and those of these addresses that have not
    unsubscribed.
    """
    extra = [Recipient("email", it) for it in await willing(work, means.keyring, _checked(addresses))]
    owners = [Recipient(row["owner_kind"], row["owner"]) for row in await channels.owners(work, "newsletter")]
    if not owners and not extra:
        raise Problem(409, "nobody_to_tell", "Nobody has a confirmed channel for newsletters, and no address was given")
    newsletter_id = work.new_id()
    territory = means.reference.territories[work.territory].name
    for recipient in (*owners, *extra):
        message_id = work.new_id()
        link = unsubscribe_link(means, work.territory, message_id)
        variables = {"territory": territory, "subject": subject, "text": text, "unsubscribe": link}
        page = page_of(text, link)
        message = compose(means.reference.messages, "newsletter", variables, html=page, unsubscribe=link)
        await send_message(work, means.keyring, recipient, message, batch=newsletter_id, message_id=message_id)
    await newsletters.keep(
        work, newsletter_id, subject=subject, text=text, recipients=len(owners) + len(extra), by=caller.subject
    )
    return await show_newsletter(work, newsletter_id)


async def show_newsletter(work: Work, newsletter_id: UUID) -> Record:
    """One that was sent. Raises Problem 404."""
    return or_404(await newsletters.find(work, newsletter_id), "newsletter_unknown")


async def list_newsletters(work: Work, before: UUID | None, limit: int) -> list[Record]:
    """Those that were sent, the latest first."""
    return await newsletters.search(work, before, limit)


def _checked(addresses: list[str]) -> list[str]:
    kept = []
    for position, address in enumerate(addresses):
        if (it := email(address)) is None:
            raise field_problem(
                f"addresses.{position}", "address_refused", "An e-mail address, such as name@example.org"
            )
        if is_secure(it):
            raise secure_mailbox_refused(f"addresses.{position}")
        kept.append(it)
    return list(dict.fromkeys(kept))
