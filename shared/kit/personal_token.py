"""Tokens of personal links: the id of a row and a keyed digest over it, so that an altered one is refused before the
database is asked, and none is stored (docs/adr/0030-personal-links.md).

HMAC-SHA256 cut to 128 bits, over what the link is for, the territory and the id: a link of one use is none of another.
"""

import base64
import hmac
from collections.abc import Awaitable, Callable
from uuid import UUID

from kit.crypto import Keyring
from kit.problems import or_404
from kit.work import Record, Work

_MAC = 16
TOKEN_PATTERN = r"^[A-Za-z0-9_-]{43}$"  # noqa: S105


def token_of(keyring: Keyring, use: str, territory: str, row_id: UUID) -> str:
    """The secret part of a link: 43 characters."""
    raw = row_id.bytes + _mac(keyring, use, territory, row_id)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def id_of(keyring: Keyring, use: str, territory: str, token: str) -> UUID | None:
    """The row that this token is of, None when it is not one of ours."""
    raw = base64.urlsafe_b64decode(token + "=")
    row_id = UUID(bytes=raw[:-_MAC])
    whole = hmac.compare_digest(raw[-_MAC:], _mac(keyring, use, territory, row_id))
    # Of the 43 characters the last has two bits to spare: only one way to write a token is ours.
    return row_id if whole and token_of(keyring, use, territory, row_id) == token else None


async def row_of(
    work: Work, keyring: Keyring, use: str, token: str, find: Callable[[Work, UUID], Awaitable[Record | None]]
) -> Record:
    """What this token is of. Raises Problem 404, for one that was altered too."""
    row_id = id_of(keyring, use, work.territory, token)
    row = await find(work, row_id) if row_id else None
    return or_404(row, "link_unknown", "This link is not one of ours: open it as it stands in the message")


def _mac(keyring: Keyring, use: str, territory: str, row_id: UUID) -> bytes:
    return keyring.digest(use.encode() + b"\0" + territory.encode() + b"\0" + row_id.bytes)[:_MAC]
