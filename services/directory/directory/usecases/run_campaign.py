"""A campaign from its draft to its end: make it, see whom it asks, start, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from directory.domain.acceptance import Rules
from directory.domain.as_of import paris_day
from directory.domain.campaigns import Dates
from directory.store import campaigns
from directory.usecases.load_reference import Reference
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work

MOST_ASKED = 10_000
"""Professionals of one campaign: the largest CPTS count some hundred doctors."""


@dataclass(frozen=True)
class Draft:
    """What a coordinator chooses; None takes the territory's rule. `added`, `left_out`: RPPS numbers."""

    period: str
    dates: Dates
    reminder_days: tuple[int, ...] | None = None
    holds_days: int | None = None
    added: Sequence[str] = ()
    left_out: Sequence[str] = ()


async def draft_campaign(work: Work, caller: Caller, rules: Rules, draft: Draft) -> Record:
    """Makes a campaign that has asked nobody yet. Raises Problem 409 or 422."""
    if fault := draft.dates.fault(paris_day(work.now)):
        raise field_problem(*fault)
    for field, people in (("added", draft.added), ("left_out", draft.left_out)):
        if (rpps := await campaigns.unknown(work, people)) is not None:
            raise field_problem(field, "professional_unknown", f"The directory has no professional {rpps}")
    said = {"reminder_days": draft.reminder_days, "holds_days": draft.holds_days}
    asked = rules.asked.model_copy(update={name: value for name, value in said.items() if value is not None})
    row = await campaigns.add(
        work,
        work.new_id(),
        draft.period,
        draft.dates,
        asked,
        rules_version=rules.version,
        people=(draft.added, draft.left_out),
        by=caller.subject,
    )
    if row is None:
        raise Problem(409, "campaign_exists", f"{draft.period} has its campaign: cancel the draft or use it")
    return row


async def find_campaign(work: Work, campaign_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, "campaign", campaign_id, lock=lock), "campaign_unknown")


async def preview_campaign(
    work: Work, reference: Reference, campaign_id: UUID, after: Sequence[object] | None, limit: int
) -> tuple[Record, list[Record]]:
    """Whom it would ask if it started now: how many, and who. Raises Problem 404."""
    await find_campaign(work, campaign_id)
    communes = reference.territories[work.territory].communes
    counts = await campaigns.count_asked(work, campaign_id, communes)
    return counts, await campaigns.asked(work, campaign_id, communes, after, limit)


async def start_campaign(work: Work, caller: Caller, reference: Reference, campaign_id: UUID) -> Record:
    """Invites everybody; the job writes to them from the first day on. Starting again changes nothing.

    Raises Problem 404, or 409 when it is over or asks nobody.
    """
    campaign = await find_campaign(work, campaign_id, lock=True)
    if campaign["state"] == "open":
        return campaign
    if campaign["state"] != "draft" or campaign["closes_on"] < paris_day(work.now):
        raise Problem(409, "campaign_over", "This campaign is closed or its last day is over")
    communes = reference.territories[work.territory].communes
    people = await campaigns.asked(work, campaign_id, communes, None, MOST_ASKED)
    if not people:
        raise Problem(409, "campaign_asks_nobody", "No professional matches: name some in `added`")
    await campaigns.invite(work, campaign_id, people, caller.subject)
    return await campaigns.set_state(work, campaign_id, "open", caller.subject)


async def close_campaign(work: Work, caller: Caller, campaign_id: UUID) -> Record:
    """Ends it now: links stop. A draft is cancelled, and its period is free again. Raises Problem 404."""
    campaign = await find_campaign(work, campaign_id, lock=True)
    if campaign["state"] in ("closed", "cancelled"):
        return campaign
    after = "closed" if campaign["state"] == "open" else "cancelled"
    return await campaigns.set_state(work, campaign_id, after, caller.subject)


async def close_campaigns(work: Work) -> int:
    """The job: those whose last day is over."""
    return await campaigns.close_over(work, paris_day(work.now), "close-campaigns")
