"""Rows of documents of meetings and of convocations."""

from uuid import UUID

from kit.work import Record, Work


async def of_meeting(work: Work, meeting_id: UUID) -> list[Record]:
    """Documents of a meeting that stand, by kind and edition."""
    return await work.fetch(
        "SELECT * FROM meeting_document WHERE territory = $1 AND meeting_id = $2 AND withdrawn_at IS NULL "
        "ORDER BY kind, edition",
        *(work.territory, meeting_id),
    )


async def next_edition(work: Work, meeting_id: UUID, kind: str) -> int:
    """The number of the next document of this kind; the meeting is locked."""
    return int(
        await work.fetchval(
            "SELECT count(*) + 1 FROM meeting_document WHERE territory = $1 AND meeting_id = $2 AND kind = $3",
            *(work.territory, meeting_id, kind),
        )
    )


async def find(work: Work, meeting_id: UUID, document_id: UUID) -> Record | None:
    """One document of a meeting, withdrawn or not."""
    return await work.fetchrow(
        "SELECT * FROM meeting_document WHERE territory = $1 AND meeting_id = $2 AND id = $3",
        *(work.territory, meeting_id, document_id),
    )


async def put_to_the_vote(work: Work, document_id: UUID) -> bool:
    """Whether a ballot is about it."""
    found: bool = await work.fetchval(
        "SELECT EXISTS (SELECT FROM ballot WHERE territory = $1 AND terms -> 'document' ->> 'id' = $2)",
        *(work.territory, str(document_id)),
    )
    return found


async def convocations(work: Work, meeting_id: UUID) -> list[Record]:
    """What was sent for a meeting, the first first."""
    return await work.fetch(
        "SELECT * FROM convocation WHERE territory = $1 AND meeting_id = $2 ORDER BY id",
        *(work.territory, meeting_id),
    )
