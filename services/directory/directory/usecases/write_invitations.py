"""Writes to those whom a campaign asks: the question with their personal link, then reminders, until they answer."""

from contracts.envelope import NATIONAL
from directory.domain.as_of import paris_day
from directory.domain.french import french_day
from directory.domain.messages import Recipient
from directory.store import campaigns
from directory.usecases.answer_campaign import LINK_USE
from directory.usecases.load_reference import Reference
from directory.usecases.send_message import send_message
from kit.crypto import Keyring
from kit.personal_token import token_of
from kit.work import Record, Work

BY = "write-invitations"
_BATCH = 50


async def write_invitations(work: Work, keyring: Keyring, reference: Reference, public_url: str) -> int:
    """One batch, of every territory. Answers how many rounds were done, with those who have no channel."""
    rows = await campaigns.due(work, paris_day(work.now), _BATCH)
    for row in rows:
        # The job sees every territory; what it tells belongs to that of the campaign.
        work.territory = row["territory"]
        if row["reachable"]:
            await _write(work, keyring, reference, public_url, row)
        await campaigns.note_round(work, row["id"], row["due_rounds"], reachable=row["reachable"], by=BY)
    work.territory = NATIONAL
    return len(rows)


async def _write(work: Work, keyring: Keyring, reference: Reference, public_url: str, row: Record) -> None:
    link = f"{public_url}/v1/answers/{work.territory}~{token_of(keyring, LINK_USE, work.territory, row['id'])}"
    kind = reference.messages["campaign_question" if row["sent_at"] is None else "campaign_reminder"]
    variables = {
        "territory": reference.territories[work.territory].name,
        "name": row["name"],
        "question": row["question"],
        "closes_on": french_day(row["closes_on"]),
        "link": link,
    }
    message = kind.written(variables, link=link)
    await send_message(work, keyring, Recipient("rpps", row["rpps"]), message, batch=row["campaign_id"], by=BY)
