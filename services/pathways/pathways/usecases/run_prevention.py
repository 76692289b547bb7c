"""Prevention campaigns: opened, who was invited and took part counted, closed."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.activities import PreventionCampaignReported
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.store import prevention
from pathways.usecases.activity_words import Words, check_word

TABLE, ENTRY = "prevention_campaign", "campaign_entry"
EntryKind = Literal["invited", "took_part"]
Channel = Literal["letter", "phone", "email", "professional", "event", "other"]


@dataclass(frozen=True)
class CampaignPlan:
    """Aimed at whom (in words, and how many by which source), from when to when."""

    kind: str
    title: str
    aimed_at: str
    population: int | None
    population_source: str | None
    opens_on: date
    closes_on: date


@dataclass(frozen=True)
class Counted:
    """How many people, on which day, by which channel."""

    kind: EntryKind
    day: date
    channel: Channel
    people: int


@dataclass(frozen=True)
class CampaignView:
    """A campaign with its totals; `rate` is the participation in percent of the population, None when not known."""

    row: Record
    invited: int
    took_part: int

    @property
    def rate(self) -> float | None:
        population = self.row["population"]
        return round(100 * self.took_part / population, 2) if population else None


async def open_campaign(work: Work, caller: Caller, words: Words, plan: CampaignPlan) -> CampaignView:
    """Raises Problem 422 that names the field."""
    check_word("kind", plan.kind, words.activities.campaign_kinds)
    if plan.closes_on < plan.opens_on:
        raise field_problem("closes_on", "period_refused", "Not before it opens")
    row = await rows.add(work, TABLE, caller.subject, **vars(plan), codes_version=words.activities.version)
    return await _told(work, row)


async def count_people(work: Work, caller: Caller, words: Words, campaign_id: UUID, counted: Counted) -> CampaignView:
    """Adds to those invited or who took part. Raises Problem 404, 409 `campaign_closed` or `counted_elsewhere`, 422."""
    row = await _find_open(work, campaign_id)
    kind = words.activities.campaign_kinds.get(row["kind"])
    if counted.kind == "took_part" and kind is not None and kind.counted_elsewhere:
        raise Problem(409, "counted_elsewhere", "Who took part comes from the imports of the directory")
    if counted.day > local_day(work.now):
        raise field_problem("day", "day_to_come", "People are counted once it has taken place")
    totals = await prevention.campaign_totals(work, campaign_id)
    if row["population"] is not None and totals[counted.kind] + counted.people > row["population"]:
        raise field_problem("people", "more_than_population", f"Aimed at {row['population']}")
    await rows.add(work, ENTRY, caller.subject, campaign_id=campaign_id, **vars(counted))
    return await _told(work, await rows.change(work, TABLE, campaign_id, caller.subject))


async def withdraw_count(work: Work, caller: Caller, campaign_id: UUID, entry_id: UUID) -> CampaignView:
    """Takes an entry back that was wrong. Raises Problem 404, 409 `campaign_closed`."""
    await _find_open(work, campaign_id)
    entry = await rows.find(work, ENTRY, entry_id, lock=True)
    if entry is None or entry["campaign_id"] != campaign_id:
        raise Problem(404, "entry_unknown", "The campaign has no such entry")
    if entry["withdrawn_at"] is not None:
        return await show_campaign(work, campaign_id)
    await rows.change(work, ENTRY, entry_id, caller.subject, withdrawn_at=work.now)
    return await _told(work, await rows.change(work, TABLE, campaign_id, caller.subject))


async def close_campaign(work: Work, caller: Caller, campaign_id: UUID) -> CampaignView:
    """Nothing is counted any more. Raises Problem 404, 409 `campaign_closed`."""
    await _find_open(work, campaign_id)
    return await _told(work, await rows.change(work, TABLE, campaign_id, caller.subject, closed_at=work.now))


async def show_campaign(work: Work, campaign_id: UUID) -> CampaignView:
    """As it stands. Raises Problem 404."""
    return await _view(work, await _find(work, campaign_id))


async def list_campaigns(work: Work, *, kind: str | None, after: UUID | None, limit: int) -> list[CampaignView]:
    """The newest first; `limit` + 1 of them."""
    found = await rows.listed(work, TABLE, [("kind = ?", kind)], latest_first=True, after=after, limit=limit + 1)
    return [await _view(work, row) for row in found]


async def list_counts(work: Work, campaign_id: UUID, *, after: UUID | None, limit: int) -> list[Record]:
    """Entries of a campaign, the newest first; `limit` + 1 of them. Raises Problem 404."""
    await _find(work, campaign_id)
    wanted = [("campaign_id = ?", campaign_id)]
    return await rows.listed(work, ENTRY, wanted, latest_first=True, after=after, limit=limit + 1)


async def _find(work: Work, campaign_id: UUID, *, lock: bool = False) -> Record:
    row = await rows.find(work, TABLE, campaign_id, lock=lock)
    if row is None:
        raise Problem(404, "campaign_unknown", "This territory has no such campaign")
    return row


async def _find_open(work: Work, campaign_id: UUID) -> Record:
    row = await _find(work, campaign_id, lock=True)
    if row["closed_at"] is not None:
        raise Problem(409, "campaign_closed", "The campaign is closed")
    return row


async def _view(work: Work, row: Record) -> CampaignView:
    return CampaignView(row, **dict(await prevention.campaign_totals(work, row["id"])))


async def _told(work: Work, row: Record) -> CampaignView:
    view = await _view(work, row)
    event = PreventionCampaignReported(
        campaign_id=row["id"],
        kind=row["kind"],
        population=row["population"],
        invited=view.invited,
        took_part=view.took_part,
        opens_on=row["opens_on"],
        closes_on=row["closes_on"],
        closed=row["closed_at"] is not None,
    )
    work.emit(event, version=row["version"])
    return view
