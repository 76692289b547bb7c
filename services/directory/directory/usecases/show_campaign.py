"""How a campaign fares: rates of answer, who has answered and who is to be phoned."""

from collections.abc import Sequence
from uuid import UUID

from directory.store import campaigns
from directory.usecases.run_campaign import find_campaign
from kit import rows
from kit.work import Record, Work


async def show_campaign(work: Work, campaign_id: UUID) -> tuple[Record, list[Record]]:
    """The campaign and its counts: of all, by profession, by commune. Raises Problem 404."""
    return await find_campaign(work, campaign_id), await campaigns.rates(work, campaign_id)


async def list_campaigns(work: Work, before: tuple[str, str] | None, limit: int) -> list[Record]:
    """Those of the territory, the latest period first."""
    order = ("period", "id::text")
    return await rows.listed(work, "campaign", [], order=order, latest_first=True, after=before, limit=limit)


async def list_invitations(
    work: Work,
    campaign_id: UUID,
    *,
    answered: bool | None,
    reachable: bool | None,
    after: Sequence[object] | None,
    limit: int,
) -> list[Record]:
    """Whom it asked, by name. Raises Problem 404."""
    await find_campaign(work, campaign_id)
    return await campaigns.invitations(
        work, campaign_id, answered=answered, reachable=reachable, after=after, limit=limit
    )
