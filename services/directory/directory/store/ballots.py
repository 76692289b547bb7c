"""Rows of votes: the ballot, its roll, and the counters of a secret one."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from kit.work import Record, Work

_COLUMNS = (
    "id, meeting_id, item, question, secret, seats, college, options, terms::text AS terms, state, opened_at, closed_at"
)


async def add(work: Work, values: dict[str, Any], by: str) -> UUID:
    """One more ballot, open."""
    ballot_id = work.new_id()
    await work.execute(
        "INSERT INTO ballot (territory, id, meeting_id, item, question, secret, seats, college, options, terms, state, "
        "opened_at, version, changed_at, changed_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, 1, $11, $12)",
        *(work.territory, ballot_id, values["meeting_id"], values["item"], values["question"], values["secret"]),
        *(values["seats"], values["college"], values["options"], json.dumps(values["terms"]), work.now, by),
    )
    return ballot_id


async def add_roll(work: Work, ballot_id: UUID, secret: bool, roll: Iterable[tuple[UUID, int, UUID]], by: str) -> None:
    """Who votes: member, college, and who casts the vote."""
    await work.executemany(
        "INSERT INTO ballot_voter (territory, ballot_id, member_id, college, holder_id, secret, voted, version, "
        "changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6, false, 1, $7, $8)",
        [(work.territory, ballot_id, *line, secret, work.now, by) for line in roll],
    )


async def add_box(work: Work, ballot_id: UUID, colleges: Iterable[int], options: Sequence[str]) -> None:
    """Empty counters."""
    await work.executemany(
        "INSERT INTO ballot_box (territory, ballot_id, college, choice, votes) VALUES ($1, $2, $3, $4, 0)",
        [(work.territory, ballot_id, college, choice) for college in colleges for choice in options],
    )


async def find(work: Work, ballot_id: UUID, *, lock: str = "") -> Record | None:
    """One ballot; `lock` is SHARE for who votes, UPDATE for who closes: no vote comes after the count."""
    statement = f"SELECT {_COLUMNS} FROM ballot WHERE territory = $1 AND id = $2" + (f" FOR {lock}" if lock else "")
    return await work.fetchrow(statement, work.territory, ballot_id)


async def of_meeting(work: Work, meeting_id: UUID) -> list[Record]:
    """Ballots of a meeting, in the order of their opening."""
    return await work.fetch(
        f"SELECT {_COLUMNS} FROM ballot WHERE territory = $1 AND meeting_id = $2 ORDER BY opened_at, id",
        work.territory,
        meeting_id,
    )


async def is_on(work: Work, ballot_id: UUID, kind: str) -> bool:
    """Whether its item of the agenda is of this kind."""
    found: bool = await work.fetchval(
        "SELECT EXISTS (SELECT FROM ballot b JOIN meeting m ON m.territory = b.territory AND m.id = b.meeting_id "
        "WHERE b.territory = $1 AND b.id = $2 AND m.agenda -> (b.item - 1) ->> 'kind' = $3)",
        *(work.territory, ballot_id, kind),
    )
    return found


async def voter(work: Work, ballot_id: UUID, member_id: UUID) -> Record | None:
    """The line of the roll, with the RPPS number of who holds the vote; locked until the end of the transaction."""
    return await work.fetchrow(
        "SELECT v.member_id, v.college, v.holder_id, v.voted, h.rpps AS holder_rpps FROM ballot_voter v "
        "JOIN member h ON h.territory = v.territory AND h.id = v.holder_id "
        "WHERE v.territory = $1 AND v.ballot_id = $2 AND v.member_id = $3 FOR UPDATE OF v",
        work.territory,
        ballot_id,
        member_id,
    )


async def mark(
    work: Work, ballot_id: UUID, members: Sequence[UUID], choices: Sequence[str] | None, by: str
) -> list[Record]:
    """These voted. Answers their lines, of those only who had not voted before when `choices` is None (secret)."""
    return await work.fetch(
        "UPDATE ballot_voter SET voted = true, choices = $4::text[], version = version + 1, changed_at = $5, "
        "changed_by = $6 WHERE territory = $1 AND ballot_id = $2 AND member_id = ANY($3::uuid[]) "
        "AND NOT (voted AND $4::text[] IS NULL) RETURNING member_id, college",
        *(work.territory, ballot_id, list(members), choices, work.now, by),
    )


async def drop_in(work: Work, ballot_id: UUID, college: int, votes: Mapping[str, int]) -> None:
    """Counts votes into the box."""
    for choice, number in sorted(votes.items()):
        await work.execute(
            "UPDATE ballot_box SET votes = votes + $5 "
            "WHERE territory = $1 AND ballot_id = $2 AND college = $3 AND choice = $4",
            *(work.territory, ballot_id, college, choice, number),
        )


async def close(work: Work, ballot_id: UUID, by: str) -> None:
    """No more votes. The counters are written once more: no row of the box says any longer which vote came last."""
    await work.execute(
        "UPDATE ballot SET state = 'closed', closed_at = $3, version = version + 1, changed_at = $3, changed_by = $4 "
        "WHERE territory = $1 AND id = $2",
        *(work.territory, ballot_id, work.now, by),
    )
    await work.execute(
        "UPDATE ballot_box SET votes = votes WHERE territory = $1 AND ballot_id = $2", work.territory, ballot_id
    )


async def counts(work: Work, ballot_id: UUID) -> list[Record]:
    """Votes by college and choice, from the box of a secret ballot or from the roll of an open one."""
    return await work.fetch(
        "SELECT college, choice, sum(votes)::int AS votes FROM ("
        "SELECT college, choice, votes FROM ballot_box WHERE territory = $1 AND ballot_id = $2 UNION ALL "
        "SELECT college, unnest(choices), 1 FROM ballot_voter WHERE territory = $1 AND ballot_id = $2"
        ") cast_votes GROUP BY 1, 2 ORDER BY 1, 2",
        work.territory,
        ballot_id,
    )


async def roll(work: Work, ballot_id: UUID) -> list[Record]:
    """Who votes and who did, by member."""
    return await work.fetch(
        "SELECT member_id, college, holder_id, voted, choices FROM ballot_voter "
        "WHERE territory = $1 AND ballot_id = $2 ORDER BY college, member_id",
        work.territory,
        ballot_id,
    )
