"""Newsletters that were sent, and who wants them."""

from uuid import UUID

from kit.work import Record, Work

_KEEP = """
INSERT INTO newsletter (id, territory, subject, text, recipients, sent_at, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, 1, $6, $7)
"""
_SHOWN = """
SELECT n.id, n.subject, n.text, n.recipients, n.sent_at, n.changed_by,
       (SELECT count(DISTINCT m.id) FROM message m JOIN delivery d ON d.message_id = m.id
         WHERE m.territory = n.territory AND m.batch = n.id AND d.state = 'delivered') AS delivered
  FROM newsletter n WHERE n.territory = $1
"""


async def keep(work: Work, newsletter_id: UUID, *, subject: str, text: str, recipients: int, by: str) -> None:
    """The newsletter as it was sent."""
    await work.execute(_KEEP, newsletter_id, work.territory, subject, text, recipients, work.now, by)


async def find(work: Work, newsletter_id: UUID) -> Record | None:
    """One newsletter, with how many have it."""
    return await work.fetchrow(f"{_SHOWN} AND n.id = $2", work.territory, newsletter_id)


async def search(work: Work, before: UUID | None, limit: int) -> list[Record]:
    """Newsletters of the territory, the latest first."""
    return await work.fetch(
        f"{_SHOWN} AND ($2::uuid IS NULL OR n.id < $2) ORDER BY n.id DESC LIMIT $3", work.territory, before, limit
    )
