"""Routes on votes: casting, closing, the result with every step."""

from uuid import UUID

from directory.api.params import AssociationWriter, Voter
from directory.api.schemas_meetings import (
    BallotOut,
    CastOut,
    ElectionOut,
    QuorumOut,
    ResultOut,
    StepOut,
    UrnIn,
    VotedDocumentOut,
    VoteIn,
    WeightOut,
)
from directory.domain.ballot_text import step_sentence, verdict
from directory.domain.tally import Step, Tally
from directory.usecases.cast_vote import cast_vote, close_ballot, count_urn
from directory.usecases.open_ballot import find_ballot
from directory.usecases.show_result import Result, document_of, show_result
from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["association"])


@router.get("/ballots/{ballot_id}", operation_id="getBallot", summary="One vote", responses=problem_responses(404))
async def get_ballot(*, caller: Voter, work: WorkDep, ballot_id: UUID) -> BallotOut:
    """The question and what may be chosen."""
    return ballot_out(await find_ballot(work, ballot_id))


@router.post(
    "/ballots/{ballot_id}/votes",
    operation_id="castVote",
    summary="Cast a vote",
    responses=problem_responses(404, 409),
)
async def post_vote(*, caller: Voter, work: WorkDep, ballot_id: UUID, body: VoteIn) -> CastOut:
    """One's own, or that of a member whose proxy one carries; the desk records votes of an open ballot.

    Counted once: 409 `voted_already`, `ballot_closed`. An open vote may change until closing where the rules say so.
    403 `not_your_vote`, `secret_vote`. 404 `no_vote`: not on the roll.
    """
    await cast_vote(work, caller, ballot_id, body.member_id, body.choices)
    return CastOut(ballot_id=ballot_id, counted=1)


@router.post(
    "/ballots/{ballot_id}/urn",
    operation_id="countUrn",
    summary="Count the papers of a secret vote",
    responses=problem_responses(404, 409),
)
async def post_urn(*, caller: AssociationWriter, work: WorkDep, ballot_id: UUID, body: UrnIn) -> CastOut:
    """Of one college: who voted, and how many papers say what. 409 `voted_already`, `not_secret`, `ballot_closed`."""
    await count_urn(work, caller, ballot_id, college=body.college, members=body.members, papers=body.papers)
    return CastOut(ballot_id=ballot_id, counted=len(set(body.members)))


@router.post(
    "/ballots/{ballot_id}/close",
    operation_id="closeBallot",
    summary="Close a vote",
    responses=problem_responses(404, 409),
)
async def post_close(*, caller: AssociationWriter, work: WorkDep, ballot_id: UUID) -> BallotOut:
    """No vote comes after it. 409 `ballot_closed`."""
    return ballot_out(await close_ballot(work, caller, ballot_id))


@router.get(
    "/ballots/{ballot_id}/result",
    operation_id="getBallotResult",
    summary="The result, explained",
    responses=problem_responses(404, 409),
)
async def get_result(*, caller: Voter, work: WorkDep, ballot_id: UUID) -> ResultOut:
    """Per college: entitled, cast, for, against, abstentions, the share applied and what it contributes, exactly.

    409 `ballot_open`: nothing is told before closing.
    """
    return _result(await show_result(work, ballot_id))


def ballot_out(row: Record) -> BallotOut:
    return filled(BallotOut, row, document=VotedDocumentOut(**found) if (found := document_of(row)) else None)


def _result(it: Result) -> ResultOut:
    found, elected = it.tally, it.elected
    return ResultOut(
        ballot=ballot_out(it.ballot),
        rules_version=it.terms.version,
        entitled=it.entitled,
        cast=it.cast,
        votes=it.votes,
        majority=str(it.terms.votes.majority),
        basis=it.terms.votes.basis,
        quorum=_quorum(it, found) if found else None,
        steps=[_step(step) for step in found.steps] if found else [],
        totals={name: WeightOut.of(value) for name, value in found.totals.items()} if found else {},
        lost=WeightOut.of(found.lost) if found else None,
        adopted=found.adopted if found else None,
        election=ElectionOut.model_validate(elected, from_attributes=True) if elected else None,
        sentence=verdict(found, elected, it.terms.votes.majority),
    )


def _quorum(it: Result, found: Tally) -> QuorumOut:
    return QuorumOut(
        enrolled=it.terms.enrolled,
        needed=None if found.quorum_needed is None else str(found.quorum_needed),
        present_or_represented=it.entitled,
        reached=found.quorum_reached,
    )


def _step(step: Step) -> StepOut:
    weights = {name: WeightOut.of(value) for name, value in step.weights.items()}
    return StepOut(
        college=step.college,
        entitled=step.entitled,
        cast=step.cast,
        votes=step.votes,
        counted=step.counted,
        statutory_share=WeightOut.of(step.statutory_share),
        share=WeightOut.of(step.share),
        weights=weights,
        sentence=step_sentence(step),
    )
