"""A sharing is approved, and numbered; or discarded."""

from uuid import UUID

from directory.domain.funding import FundingRules
from directory.store import ballots, funding
from directory.usecases.find_funding import find_share
from directory.usecases.show_result import show_result
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work


async def approve_share(
    work: Work, caller: Caller, rules: FundingRules, share_id: UUID, ballot_id: UUID | None
) -> Record:
    """By a closed vote on an item `funding` that adopted it, where the rules ask for one. It changes no more.

    Raises Problem 404, 409 `not_a_draft`, `replaced_already`, `not_adopted`, 422 `vote_required`, `ballot_unknown`.
    """
    draft = await _draft(work, share_id)
    if rules.approval == "vote" and ballot_id is None:
        raise field_problem("ballot_id", "vote_required", "The rules of the territory put it to the vote")
    if ballot_id is not None:
        await _check_vote(work, ballot_id)
    number = await funding.next_number(work)
    if draft["replaces_id"] is not None:
        before = await find_share(work, draft["replaces_id"], lock=True)
        if await funding.replaced(work, before["id"]):
            raise Problem(409, "replaced_already", "A later edition was approved: correct that one")
        number = before["number"]
    values = {"state": "approved", "number": number, "ballot_id": ballot_id, "approved_at": work.now}
    return await rows.change(work, funding.TABLE, share_id, caller.subject, **values)


async def discard_share(work: Work, caller: Caller, share_id: UUID) -> Record:
    """A draft that will not be approved. Raises Problem 404, 409 `not_a_draft`."""
    await _draft(work, share_id)
    return await rows.change(work, funding.TABLE, share_id, caller.subject, state="discarded")


async def _draft(work: Work, share_id: UUID) -> Record:
    found = await find_share(work, share_id, lock=True)
    if found["state"] != "draft":
        raise Problem(409, "not_a_draft", f"It is {found['state']}")
    return found


async def _check_vote(work: Work, ballot_id: UUID) -> None:
    if await ballots.find(work, ballot_id) is None or not await ballots.is_on(work, ballot_id, "funding"):
        raise field_problem("ballot_id", "ballot_unknown", "No such vote on an item `funding`")
    result = await show_result(work, ballot_id)
    if result.tally is None or not result.tally.adopted:
        raise Problem(409, "not_adopted", "The vote did not adopt it")
