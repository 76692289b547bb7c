"""The result of a vote, with every step of the count."""

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from directory.domain.association import VoteRules
from directory.domain.tally import Elected, Group, Tally, elect, tally
from directory.store import ballots
from directory.usecases.open_ballot import find_ballot
from kit.problems import Problem
from kit.work import Record, Work


@dataclass(frozen=True)
class Terms:
    """What was frozen when the vote was opened."""

    version: str
    votes: VoteRules
    shares: dict[int, Fraction]
    enrolled: int


@dataclass(frozen=True)
class Result:
    """One of `tally` (a resolution) and `elected`. `entitled` and `cast` count members, present or represented."""

    ballot: Record
    terms: Terms
    entitled: int
    cast: int
    votes: dict[str, int]
    tally: Tally | None
    elected: Elected | None


def terms_of(ballot: Record) -> Terms:
    """The frozen terms of a ballot."""
    kept = json.loads(ballot["terms"])
    shares = {int(college): Fraction(share) for college, share in kept["shares"].items()}
    return Terms(kept["version"], VoteRules.model_validate(kept["votes"]), shares, kept["enrolled"])


def document_of(ballot: Record) -> dict[str, Any] | None:
    """The document that the ballot is about."""
    found: dict[str, Any] | None = json.loads(ballot["terms"]).get("document")
    return found


async def show_result(work: Work, ballot_id: UUID) -> Result:
    """Raises Problem 404, 409 `ballot_open`: nothing is told before the vote is closed."""
    ballot = await find_ballot(work, ballot_id)
    if ballot["state"] != "closed":
        raise Problem(409, "ballot_open", "The result is told when the vote is closed")
    terms, roll = terms_of(ballot), await ballots.roll(work, ballot_id)
    rows = await ballots.counts(work, ballot_id)
    votes = {choice: sum(row["votes"] for row in rows if row["choice"] == choice) for choice in ballot["options"]}
    election = ballot["seats"] is not None
    return Result(
        ballot,
        terms,
        entitled=len(roll),
        cast=sum(line["voted"] for line in roll),
        votes=votes,
        tally=None if election else tally(terms.votes, terms.shares, _groups(terms, roll, rows), terms.enrolled),
        elected=elect(votes, ballot["seats"]) if election else None,
    )


def _groups(terms: Terms, roll: list[Record], rows: list[Record]) -> list[Group]:
    return [
        Group(
            college,
            sum(line["college"] == college for line in roll),
            {row["choice"]: row["votes"] for row in rows if row["college"] == college},
        )
        for college in terms.shares
    ]
