"""A professional answers by their personal link: no login, the link is the proof.

The link is `<territory>~<token>`; the token is the id of the invitation and a keyed digest over it (HMAC-SHA256 cut to
128 bits), so an altered one is refused before the database is asked, and none is stored. It ends with its campaign.
"""

import base64
import hmac
from datetime import timedelta
from uuid import UUID

from directory.domain.acceptance import Rules
from directory.domain.as_of import paris_day
from directory.domain.campaigns import Dates, accepts_answers
from directory.store import campaigns
from directory.usecases.declare_acceptance import Said, record_acceptance
from kit.crypto import Keyring
from kit.problems import Problem
from kit.work import Record, Work

_MAC = 16
TOKEN_PATTERN = r"^[A-Za-z0-9_-]{43}$"  # noqa: S105


def token_of(keyring: Keyring, territory: str, invitation_id: UUID) -> str:
    """The secret of an invitation: 43 characters."""
    return base64.urlsafe_b64encode(invitation_id.bytes + _mac(keyring, territory, invitation_id)).decode().rstrip("=")


def invitation_of(keyring: Keyring, territory: str, token: str) -> UUID | None:
    """The invitation that this token is of, None when it is not one of ours."""
    raw = base64.urlsafe_b64decode(token + "=")
    invitation_id = UUID(bytes=raw[:-_MAC])
    whole = hmac.compare_digest(raw[-_MAC:], _mac(keyring, territory, invitation_id))
    # Of the 43 characters the last has two bits to spare: only one way to write a token is ours.
    return invitation_id if whole and token_of(keyring, territory, invitation_id) == token else None


def _mac(keyring: Keyring, territory: str, invitation_id: UUID) -> bytes:
    return keyring.digest(b"answer\0" + territory.encode() + b"\0" + invitation_id.bytes)[:_MAC]


async def open_link(work: Work, keyring: Keyring, token: str) -> Record:
    """What the link asks, of whom. Changes nothing. Raises Problem 404 (altered) or 410 (its campaign is over)."""
    invitation_id = invitation_of(keyring, work.territory, token)
    row = await campaigns.by_link(work, invitation_id) if invitation_id else None
    if row is None:
        raise Problem(404, "link_unknown", "This link is not one of ours: open it as it stands in the message")
    dates = Dates(row["opens_on"], row["closes_on"])
    if not accepts_answers(row["state"], dates, paris_day(work.now)):
        raise Problem(410, "campaign_over", "The campaign is closed: answers by link no longer count")
    return row


async def answer_by_link(work: Work, keyring: Keyring, rules: Rules, token: str, said: Said) -> Record:
    """Stores and tells the answer, the last one counts. Raises Problem 404, 410 or 422."""
    link = await open_link(work, keyring, token)
    until = said.valid_until or paris_day(work.now) + timedelta(days=link["holds_days"])
    stated = Said(said.accepts, said.capacity, said.patients, until)
    by = f"link:{link['rpps']}"
    row = await record_acceptance(
        work, rules, link["rpps"], stated, source="link", by=by, campaign_id=link["campaign_id"]
    )
    await campaigns.note_answer(work, link["campaign_id"], link["rpps"], accepts=said.accepts, source="link", by=by)
    return row
