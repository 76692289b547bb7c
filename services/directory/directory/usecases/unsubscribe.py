"""Somebody wants no more newsletters: one click, no login, the link of the letter is the proof (RFC 8058)."""

from collections.abc import Sequence
from uuid import UUID

from directory.store import unsubscriptions
from directory.usecases.means import Means
from directory.usecases.send_message import address_of
from kit import personal_token, rows
from kit.crypto import Keyring, UndecryptableError
from kit.problems import Problem
from kit.work import Record, Work

BY = "unsubscribe-link"
_USE, _PURPOSE = "unsubscribe", "newsletter"


def unsubscribe_link(means: Means, territory: str, message_id: UUID) -> str:
    """The link of one letter to one recipient."""
    token = personal_token.token_of(means.keyring, _USE, territory, message_id)
    return f"{means.settings.public_url.rstrip('/')}/v1/unsubscriptions/{territory}~{token}"


async def find_letter(work: Work, keyring: Keyring, token: str) -> Record:
    """The letter that this link is of. Changes nothing. Raises Problem 404."""
    return await personal_token.row_of(work, keyring, _USE, token, unsubscriptions.letter)


async def unsubscribe(work: Work, keyring: Keyring, token: str) -> None:
    """Its recipient gets no more of them; doing it again changes nothing. Raises Problem 404, 410.

    An owner's channels serve for what else they were opened for. An address that is nobody's channel is remembered by
    a keyed digest, so that whoever types it again writes to nobody.
    """
    row = await find_letter(work, keyring, token)
    if row["owner_kind"] == "email":
        await unsubscriptions.add(work, _index(keyring, _address(keyring, row)), by=BY)
        return
    for channel in await unsubscriptions.channels_for(work, (row["owner_kind"], row["owner"]), _PURPOSE):
        left = [it for it in channel["purposes"] if it != _PURPOSE]
        await rows.change(work, "channel", channel["id"], BY, purposes=left)


def _address(keyring: Keyring, row: Record) -> str:
    try:
        return keyring.decrypt(row["sealed"], address_of(row["delivery_id"]))
    except UndecryptableError:
        raise Problem(410, "link_expired", "This letter is too old: answer it, and we take the address off") from None


async def willing(work: Work, keyring: Keyring, addresses: Sequence[str]) -> list[str]:
    """Those of these addresses that have not unsubscribed."""
    indexes = {address: _index(keyring, address) for address in addresses}
    unwilling = await unsubscriptions.known(work, list(indexes.values()))
    return [address for address, index in indexes.items() if index not in unwilling]


def _index(keyring: Keyring, address: str) -> bytes:
    return keyring.blind_index(f"unsubscribed:{address.lower()}")
