"""A professional answers by their personal link: no login, the link is the proof.

The link is `<territory>~<token>`, the token that of the invitation (`personal_token`). It ends with its campaign.
"""

from datetime import timedelta

from directory.domain.acceptance import Rules
from directory.domain.as_of import paris_day
from directory.domain.campaigns import Dates, accepts_answers
from directory.store import campaigns
from directory.usecases.declare_acceptance import Said, record_acceptance
from kit.crypto import Keyring
from kit.personal_token import row_of
from kit.problems import Problem
from kit.work import Record, Work

LINK_USE = "answer"


async def open_link(work: Work, keyring: Keyring, token: str) -> Record:
    """What the link asks, of whom. Changes nothing. Raises Problem 404 (altered) or 410 (its campaign is over)."""
    row = await row_of(work, keyring, LINK_USE, token, campaigns.by_link)
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
