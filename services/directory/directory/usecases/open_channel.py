"""Somebody says how they want to be told: the address is kept sealed and serves once it is confirmed."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from directory.domain.channels import ChannelKind, Owner, email, is_secure
from directory.domain.messages import Recipient
from directory.store import channels, professionals, structures
from directory.usecases.channel_access import may_act
from directory.usecases.means import Means
from directory.usecases.send_message import address_of, compose, masked, send_message
from kit import outbound, rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work


async def open_channel(
    work: Work,
    means: Means,
    caller: Caller,
    *,
    owner: Owner,
    kind: ChannelKind,
    address: str,
    purposes: list[str],
) -> Record:
    """A new channel. An e-mail address gets a link that confirms it. Raises Problem 403, 404, 409, 422.

    A link to a calendar (`icalendar`) is information only: nothing is ever sent there, so nothing is to be confirmed.
    """
    may_act(caller, owner)
    await known(work, owner)
    kept, hint = checked(kind, address, local=means.settings.webhooks_local)
    confirmed = work.now if kind == "icalendar" else None
    row = {"kind": kind, "address": kept, "hint": hint, "purposes": purposes, "verified_at": confirmed}
    channel_id = await add(work, means.keyring, caller, owner, **row)
    if kind == "email":
        await ask_confirmation(work, means, channel_id, kept, by=caller.subject)
    return await present(work, channel_id)


async def add(work: Work, keyring: Keyring, caller: Caller, owner: Owner, **row: Any) -> UUID:
    """The row, with its address sealed. Raises Problem 409 when the owner has this address already."""
    channel_id, address = work.new_id(), row.pop("address")
    added = await channels.add(
        work,
        channel_id,
        by=caller.subject,
        owner_kind=owner.kind,
        owner=owner.id,
        sealed=keyring.encrypt(address, address_of(channel_id)),
        digest=keyring.blind_index(f"{row['kind']}:{address}"),
        **row | {"purposes": sorted(set(row["purposes"]))},
    )
    if not added:
        raise Problem(409, "channel_exists", "This owner has a channel with this address: change that one")
    return channel_id


async def known(work: Work, owner: Owner) -> None:
    """Raises Problem 404 for a professional or structure that the directory does not have."""
    if owner.kind == "rpps" and await professionals.find(work, owner.id) is None:
        raise Problem(404, "professional_unknown", "No professional has this RPPS number")
    if owner.kind == "finess" and await structures.find(work, owner.id) is None:
        raise Problem(404, "structure_unknown", "No structure has this FINESS number")


def checked(kind: ChannelKind, address: str, *, local: bool) -> tuple[str, str]:
    """The address as it is kept, and what of it may be shown. Raises Problem 422 `address_refused`."""
    if kind == "email":
        if (kept := email(address)) is None:
            raise field_problem("address", "address_refused", "An e-mail address, such as name@example.org")
        if is_secure(kept):
            raise secure_mailbox_refused("address")
        return kept, masked(kept)
    try:
        url = outbound.checked(address, local=local)
    except outbound.OutboundError:
        what = "An https address on the usual port, without name or password in it"
        raise field_problem("address", "address_refused", what) from None
    return str(url), url.host


def secure_mailbox_refused(field: str) -> Problem:
    """422: a mailbox of MSSanté can be stated, and not written to (docs/mssante.md)."""
    what = "Nothing can be sent to MSSanté from here: state it as secure_mailbox, and give an ordinary address"
    return field_problem(field, "secure_mailbox_refused", what)


async def ask_confirmation(work: Work, means: Means, channel_id: UUID, address: str, *, by: str) -> None:
    """Sends the link that confirms an address. An earlier link is void."""
    secret = secrets.token_urlsafe(32)
    hours = means.reference.deliveries.confirmation_hours
    await rows.change(
        work,
        "channel",
        channel_id,
        by,
        token_digest=means.keyring.blind_index(f"channel:{secret}"),
        token_until=work.now + timedelta(hours=hours),
    )
    link = f"{means.settings.public_url.rstrip('/')}/v1/channel-confirmations/{work.territory}~{secret}"
    variables = {"territory": means.reference.territories[work.territory].name, "link": link, "hours": hours}
    message = compose(means.reference.messages, "channel_confirmation", variables, link=link)
    await send_message(work, means.keyring, Recipient("email", address), message, by=by)


async def present(work: Work, channel_id: UUID, *, lock: bool = False) -> Record:
    """A channel of the territory. Raises Problem 404 `channel_unknown`."""
    return or_404(await channels.find(work, channel_id, lock=lock), "channel_unknown")
