"""Campaigns and the invitations of each."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from directory.domain.acceptance import AcceptanceRules
from directory.domain.campaigns import Dates
from directory.store.channels import reachable
from directory.store.query import Query
from kit.work import Record, Work

_ADD = """
INSERT INTO campaign (id, territory, period, opens_on, closes_on, state, question, rules_version, specialties, modes,
                      sectors, reminder_days, holds_days, added, left_out, created_at, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $15, $16)
ON CONFLICT (territory, period) WHERE state <> 'cancelled' DO NOTHING RETURNING *
"""

# Listed people who practise one of the specialties in one of the communes, in a mode or sector where patients have
# their médecin traitant; those added by hand; never those left out. $1 territory, $2 campaign, $3 communes.
_ASKED = f"""
SELECT p.rpps, p.name, p.search_name, p.profession, p.specialties, v.commune,
       {reachable("c.territory", "p.rpps", "campaigns", by_email=True)} AS reachable
  FROM campaign c
  JOIN professional p ON p.listed AND p.rpps <> ALL (c.left_out) AND (p.rpps = ANY (c.added) OR p.rpps IN (
       SELECT s.rpps FROM search_entry s WHERE s.place = ANY ($3::text[])
          AND s.facet IN (SELECT 's:' || asked FROM unnest(c.specialties) asked)))
  LEFT JOIN LATERAL (
       SELECT a.commune FROM activity a WHERE a.rpps = p.rpps AND a.commune = ANY ($3::text[])
          AND (a.mode = ANY (c.modes) OR a.sector = ANY (c.sectors)) ORDER BY a.position LIMIT 1) v ON true
 WHERE c.territory = $1 AND c.id = $2 AND (v.commune IS NOT NULL OR p.rpps = ANY (c.added))
"""


async def add(
    work: Work,
    campaign_id: UUID,
    period: str,
    dates: Dates,
    rules: AcceptanceRules,
    *,
    rules_version: str,
    people: tuple[Sequence[str], Sequence[str]],
    by: str,
) -> Record | None:
    """A draft; None when the period has its campaign. `people` are those added and those left out."""
    return await work.fetchrow(
        _ADD,
        campaign_id,
        work.territory,
        period,
        dates.opens_on,
        dates.closes_on,
        rules.question,
        rules_version,
        list(rules.specialties),
        sorted(rules.modes),
        sorted(rules.sectors),
        list(rules.reminder_days),
        rules.holds_days,
        *map(list, people),
        work.now,
        by,
    )


async def unknown(work: Work, rpps: Sequence[str]) -> str | None:
    """The first of these numbers that the directory has not."""
    found: str | None = await work.fetchval(
        "SELECT asked FROM unnest($1::text[]) asked "
        "WHERE NOT EXISTS (SELECT FROM professional p WHERE p.rpps = asked) LIMIT 1",
        list(rpps),
    )
    return found


async def asked(
    work: Work, campaign_id: UUID, communes: Sequence[str], after: Sequence[object] | None, limit: int
) -> list[Record]:
    """Whom a draft would ask, by name."""
    query = Query()
    query.args += [work.territory, campaign_id, list(communes)]
    beyond = query.bind("AND (p.search_name, p.rpps) > (?, ?)", *after) if after else ""
    order = query.bind("ORDER BY p.search_name, p.rpps LIMIT ?", limit)
    return await work.fetch(f"{_ASKED} {beyond} {order}", *query.args)


async def count_asked(work: Work, campaign_id: UUID, communes: Sequence[str]) -> Record:
    """How many a draft would ask, and how many of them cannot be written to."""
    row = await work.fetchrow(
        f"SELECT count(*) AS asked, count(*) FILTER (WHERE NOT reachable) AS unreachable FROM ({_ASKED}) a",
        work.territory,
        campaign_id,
        list(communes),
    )
    assert row is not None  # noqa: S101
    return row


async def set_state(work: Work, campaign_id: UUID, state: str, by: str) -> Record:
    """Moves a campaign on; `started_at` and `closed_at` keep when."""
    row = await work.fetchrow(
        "UPDATE campaign SET state = $3, version = version + 1, changed_at = $4, changed_by = $5, "
        "started_at = CASE WHEN $3 = 'open' THEN $4 ELSE started_at END, "
        "closed_at = CASE WHEN $3 IN ('closed', 'cancelled') THEN $4 END "
        "WHERE territory = $1 AND id = $2 RETURNING *",
        work.territory,
        campaign_id,
        state,
        work.now,
        by,
    )
    assert row is not None  # noqa: S101 - it was locked before
    return row


async def invite(work: Work, campaign_id: UUID, people: Sequence[Record], by: str) -> None:
    """One invitation each."""
    await work.executemany(
        "INSERT INTO invitation (id, territory, campaign_id, rpps, profession, commune, rounds, version, changed_at, "
        "changed_by) VALUES ($1, $2, $3, $4, $5, $6, 0, 1, $7, $8)",
        [
            (work.new_id(), work.territory, campaign_id, it["rpps"], it["profession"], it["commune"], work.now, by)
            for it in people
        ],
    )


async def invitations(
    work: Work,
    campaign_id: UUID,
    *,
    answered: bool | None,
    reachable: bool | None,
    after: Sequence[object] | None,
    limit: int,
) -> list[Record]:
    """Whom the campaign asked, by name, with what came of it."""
    query = Query()
    conditions = [query.bind("i.territory = ? AND i.campaign_id = ?", work.territory, campaign_id)]
    conditions += [query.bind("(i.answered_at IS NOT NULL) = ?", answered)] if answered is not None else []
    conditions += [query.bind("i.reachable = ?", reachable)] if reachable is not None else []
    conditions += [query.bind("(p.search_name, p.rpps) > (?, ?)", *after)] if after else []
    tail = query.bind("ORDER BY p.search_name, p.rpps LIMIT ?", limit)
    return await work.fetch(
        "SELECT i.*, p.name, p.search_name, p.specialties FROM invitation i JOIN professional p ON p.rpps = i.rpps "
        f"WHERE {' AND '.join(conditions)} {tail}",
        *query.args,
    )


async def rates(work: Work, campaign_id: UUID) -> list[Record]:
    """Counts for all (`facet` all), by profession and by commune."""
    return await work.fetch(
        "SELECT CASE grouping(i.profession, i.commune) WHEN 3 THEN 'all' WHEN 1 THEN 'profession' ELSE 'commune' END "
        "AS facet, coalesce(i.profession, i.commune) AS code, max(m.name) AS name, count(*) AS asked, "
        "count(i.answered_at) AS answered, count(*) FILTER (WHERE i.accepts) AS accepting, "
        "count(*) FILTER (WHERE NOT i.reachable) AS unreachable, count(i.sent_at) AS sent "
        "FROM invitation i LEFT JOIN commune m ON m.insee = i.commune WHERE i.territory = $1 AND i.campaign_id = $2 "
        "GROUP BY GROUPING SETS ((), (i.profession), (i.commune)) ORDER BY facet, code",
        work.territory,
        campaign_id,
    )


async def by_link(work: Work, invitation_id: UUID) -> Record | None:
    """What a personal link is about: the invitation with its campaign and the name."""
    return await work.fetchrow(
        "SELECT i.id, i.rpps, i.campaign_id, i.answered_at, i.accepts, c.period, c.state, c.opens_on, c.closes_on, "
        "c.question, c.holds_days, p.name FROM invitation i JOIN campaign c ON c.id = i.campaign_id "
        "JOIN professional p ON p.rpps = i.rpps WHERE i.territory = $1 AND i.id = $2",
        work.territory,
        invitation_id,
    )


async def open_for(work: Work, rpps: str, today: date) -> UUID | None:
    """The campaign under way that asks this professional, the latest when there are two."""
    found: UUID | None = await work.fetchval(
        "SELECT i.campaign_id FROM invitation i JOIN campaign c ON c.id = i.campaign_id "
        "WHERE i.territory = $1 AND i.rpps = $2 AND c.state = 'open' AND c.closes_on >= $3 "
        "ORDER BY c.period DESC LIMIT 1",
        work.territory,
        rpps,
        today,
    )
    return found


async def note_answer(work: Work, campaign_id: UUID, rpps: str, *, accepts: bool, source: str, by: str) -> None:
    """The person has answered, the last answer counts."""
    await work.execute(
        "UPDATE invitation SET answered_at = $5, answered_by = $4, accepts = $3, version = version + 1, "
        "changed_at = $5, changed_by = $6 WHERE campaign_id = $1 AND rpps = $2 AND territory = $7 "
        "AND (answered_at IS NULL OR accepts <> $3 OR answered_by <> $4)",
        campaign_id,
        rpps,
        accepts,
        source,
        work.now,
        by,
        work.territory,
    )


_DUE = f"""
SELECT i.id, i.territory, i.rpps, i.rounds, due.rounds AS due_rounds, c.id AS campaign_id, c.period, c.closes_on,
       c.question, p.name, i.sent_at, {reachable("i.territory", "i.rpps", "campaigns", by_email=True)} AS reachable
  FROM campaign c
 CROSS JOIN LATERAL (SELECT 1 + count(*) FILTER (WHERE c.opens_on + days <= $1)::integer AS rounds
                       FROM unnest(c.reminder_days) days) due
  JOIN invitation i ON i.campaign_id = c.id AND i.answered_at IS NULL AND i.rounds < due.rounds
  JOIN professional p ON p.rpps = i.rpps
 WHERE c.state = 'open' AND c.opens_on <= $1 AND c.closes_on >= $1
 ORDER BY i.id LIMIT $2 FOR UPDATE OF i SKIP LOCKED
"""


async def due(work: Work, today: date, limit: int) -> list[Record]:
    """Whom to write to now, of every territory: for the first time, or again. Locked; other replicas skip them."""
    return await work.fetch(_DUE, today, limit)


async def note_round(work: Work, invitation_id: UUID, rounds: int, *, reachable: bool, by: str) -> None:
    """A round is done: missed reminders are not made up for, nobody gets two at once."""
    await work.execute(
        "UPDATE invitation SET rounds = $2, reachable = $3, version = version + 1, changed_at = $4, changed_by = $5, "
        "reminded_at = CASE WHEN $3 AND sent_at IS NOT NULL THEN $4 ELSE reminded_at END, "
        "sent_at = CASE WHEN $3 THEN coalesce(sent_at, $4) ELSE sent_at END WHERE id = $1",
        invitation_id,
        rounds,
        reachable,
        work.now,
        by,
    )


async def close_over(work: Work, today: date, by: str) -> int:
    """Closes campaigns whose last day is over, of every territory; answers how many."""
    tag = await work.execute(
        "UPDATE campaign SET state = 'closed', closed_at = $2, version = version + 1, changed_at = $2, changed_by = $3 "
        "WHERE state = 'open' AND closes_on < $1",
        today,
        work.now,
        by,
    )
    return int(tag.split()[-1])
