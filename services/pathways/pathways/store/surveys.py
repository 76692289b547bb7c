"""Rows of surveys, their links and answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit import rows
from kit.work import Record, Work


async def listed(
    work: Work,
    *,
    subject: str | None,
    topic: str | None,
    session_id: UUID | None,
    until: datetime | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Surveys, the newest first."""
    wanted = (("subject = ?", subject), ("topic = ?", topic), ("session_id = ?", session_id))
    return await rows.listed(work, "survey", wanted, latest_first=True, until=until, after=after, limit=limit)


async def add_links(work: Work, survey_id: UUID, count: int, by: str) -> list[UUID]:
    """That many links; answers their ids."""
    ids = [work.new_id() for _ in range(count)]
    await work.execute(
        "INSERT INTO survey_link (id, territory, survey_id, issued_at, issued_by, answered) "
        "SELECT id, $1, $2, $4, $5, false FROM unnest($3::uuid[]) AS new (id)",
        *(work.territory, survey_id, ids, work.now, by),
    )
    return ids


async def of_link(work: Work, link_id: UUID) -> Record | None:
    """The survey of a link, with `answered` of the link."""
    return await work.fetchrow(
        "SELECT survey.*, survey_link.answered FROM survey_link JOIN survey ON survey.id = survey_link.survey_id "
        "WHERE survey_link.territory = $1 AND survey_link.id = $2",
        *(work.territory, link_id),
    )


async def use_link(work: Work, link_id: UUID) -> bool:
    """Marks it as answered; False when it was. Of two at once one waits for the other."""
    tag = await work.execute(
        "UPDATE survey_link SET answered = true WHERE territory = $1 AND id = $2 AND NOT answered",
        *(work.territory, link_id),
    )
    return tag == "UPDATE 1"


async def add_answer(work: Work, values: dict[str, Any]) -> None:
    """Keeps an answer: it is never changed."""
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await work.execute(f"INSERT INTO survey_answer ({', '.join(values)}) VALUES ({marks})", *values.values())


async def counts(work: Work, survey_id: UUID) -> Record:
    """How many links were issued and answered."""
    (row,) = await work.fetch(
        "SELECT count(*) AS issued, count(*) FILTER (WHERE answered) AS answered FROM survey_link "
        "WHERE territory = $1 AND survey_id = $2",
        *(work.territory, survey_id),
    )
    return row


async def answers(work: Work, survey_id: UUID, limit: int) -> list[Record]:
    """What was answered, in the order of random ids."""
    return await work.fetch(
        "SELECT id, answers, texts, score FROM survey_answer WHERE territory = $1 AND survey_id = $2 "
        "ORDER BY id LIMIT $3",
        *(work.territory, survey_id, limit),
    )
