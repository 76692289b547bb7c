"""Votes are cast: by the voter or the holder of a proxy, or counted from an urn by the desk.

A secret vote leaves two traces that nothing joins: the roll says who voted, counters say how often a choice was made
(docs/adr/0028).
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from directory.domain.association import VoteRules
from directory.domain.tally import BLANK
from directory.store import ballots
from directory.usecases.access import COORDINATOR
from directory.usecases.open_ballot import find_ballot
from directory.usecases.show_result import terms_of
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work


async def cast_vote(work: Work, caller: Caller, ballot_id: UUID, member_id: UUID, choices: Sequence[str]) -> Record:
    """One vote of one member, once; an open one may be changed until closing where the rules say so.

    Raises Problem 403 `not_your_vote`, `secret_vote` (the desk casts no secret vote), 404 `ballot_unknown`, `no_vote`,
    409 `ballot_closed`, `voted_already`, 422 `choice_unknown`.
    """
    if work.idempotency is not None:
        # The key is remembered for a day, with a digest of the body: that of a secret choice could be guessed.
        work.idempotency.fingerprint = f"{ballot_id}:{member_id}".encode()
    ballot = await _open(work, ballot_id)
    _check_choices(ballot, choices)
    line = or_404(
        await ballots.voter(work, ballot_id, member_id),
        "no_vote",
        "This member has no vote here: not on the roll that was frozen at the opening",
    )
    own = caller.rpps is not None and caller.rpps == line["holder_rpps"]
    if not own and caller.role != COORDINATOR:
        raise Problem(403, "not_your_vote", "Only who is on the roll, or carries the proxy, casts this vote")
    if not own and ballot["secret"]:
        raise Problem(403, "secret_vote", "Nobody casts a secret vote for another: count it from the urn")
    rules: VoteRules = terms_of(ballot).votes
    if line["voted"] and (ballot["secret"] or not rules.change_until_closed):
        raise Problem(409, "voted_already", "This vote is cast")
    await ballots.mark(work, ballot_id, [member_id], None if ballot["secret"] else choices, caller.subject)
    if ballot["secret"]:
        await ballots.drop_in(work, ballot_id, line["college"], dict.fromkeys(choices, 1))
    return ballot


async def count_urn(
    work: Work, caller: Caller, ballot_id: UUID, *, college: int, members: Sequence[UUID], papers: Mapping[str, int]
) -> Record:
    """Paper votes of a college, counted together: who voted, and how many papers say what.

    Raises Problem 404, 409 `ballot_closed`, `not_secret`, `voted_already`, 422 when the counts do not fit.
    """
    ballot = await _open(work, ballot_id)
    if not ballot["secret"]:
        raise Problem(409, "not_secret", "The votes of an open ballot are recorded one by one")
    _check_papers(ballot, papers, len(set(members)))
    marked = await ballots.mark(work, ballot_id, list(set(members)), None, caller.subject)
    if len(marked) < len(set(members)):
        raise Problem(409, "voted_already", "One of them is not on the roll, or voted before")
    if any(row["college"] != college for row in marked):
        raise field_problem("members", "other_college", f"Not all of them vote in college {college}")
    await ballots.drop_in(work, ballot_id, college, papers)
    return ballot


async def close_ballot(work: Work, caller: Caller, ballot_id: UUID) -> Record:
    """Ends the vote. Raises Problem 404, 409 `ballot_closed`."""
    await _open(work, ballot_id, lock="UPDATE")
    await ballots.close(work, ballot_id, caller.subject)
    return await find_ballot(work, ballot_id)


async def _open(work: Work, ballot_id: UUID, lock: str = "SHARE") -> Record:
    ballot = await find_ballot(work, ballot_id, lock=lock)
    if ballot["state"] != "open":
        raise Problem(409, "ballot_closed", f"The vote was closed at {ballot['closed_at']}")
    return ballot


def _check_choices(ballot: Record, choices: Sequence[str]) -> None:
    most = ballot["seats"] or 1
    blank_and_more = BLANK in choices and len(choices) > 1
    if len(set(choices)) != len(choices) or not 1 <= len(choices) <= most or blank_and_more:
        raise field_problem("choices", "too_many_choices", f"1 to {most} different ones; a blank vote stands alone")
    if set(choices) - set(ballot["options"]):
        raise field_problem("choices", "choice_unknown", f"Of {', '.join(ballot['options'])}")


def _check_papers(ballot: Record, papers: Mapping[str, int], voters: int) -> None:
    if set(papers) - set(ballot["options"]):
        raise field_problem("papers", "choice_unknown", f"Of {', '.join(ballot['options'])}")
    if ballot["seats"] is None:
        if sum(papers.values()) != voters:
            raise field_problem("papers", "count_differs", f"{voters} voters, {sum(papers.values())} papers")
    elif max(papers.values(), default=0) > voters or sum(papers.values()) > voters * ballot["seats"]:
        raise field_problem("papers", "count_differs", "More votes than the voters have")
