"""Technical problems: reported, answered, followed. The reporter is told by their channel."""

from datetime import datetime
from uuid import UUID

from directory.domain.channels import Owner, own
from directory.domain.messages import Recipient
from directory.domain.technical_issue import STATES_FR, IssueState, Severity, after_answer
from directory.store import technical_issues
from directory.usecases.access import COORDINATOR
from directory.usecases.means import Means
from directory.usecases.send_message import compose, send_message
from kit.auth import Caller
from kit.problems import Problem, or_404
from kit.work import Record, Work


async def report_issue(work: Work, caller: Caller, *, title: str, description: str, severity: Severity) -> Record:
    """One more problem, with a number of the territory."""
    issue_id = work.new_id()
    reporter = own(caller.rpps, caller.organisation)
    fields = {"title": title, "description": description, "severity": severity}
    await technical_issues.add(work, issue_id, owner=reporter, by=caller.subject, **fields)
    return await _present(work, issue_id)


async def list_issues(
    work: Work,
    caller: Caller,
    *,
    state: str | None,
    severity: str | None,
    before: int | None,
    until: datetime | None,
    limit: int,
) -> list[Record]:
    """A coordinator sees all, others what they reported. Raises Problem 403."""
    owner = None if caller.role == COORDINATOR else own(caller.rpps, caller.organisation)
    if caller.role != COORDINATOR and owner is None:
        raise _refused()
    return await technical_issues.search(
        work, owner=owner, state=state, severity=severity, before=before, until=until, limit=limit
    )


async def show_issue(work: Work, caller: Caller, issue_id: UUID) -> tuple[Record, list[Record]]:
    """One problem with its answers. Raises Problem 403, 404."""
    found = await _present(work, issue_id)
    _may_see(caller, found)
    return found, await technical_issues.answers(work, issue_id)


async def answer_issue(
    work: Work, means: Means, caller: Caller, issue_id: UUID, *, text: str, state: IssueState | None
) -> tuple[Record, list[Record]]:
    """A coordinator answers and says where it stands; the reporter adds something, which opens it again.

    Raises Problem 403, 404.
    """
    found = await _present(work, issue_id, lock=True)
    _may_see(caller, found)
    by_reporter = caller.role != COORDINATOR
    if by_reporter and state is not None:
        raise Problem(403, "not_your_state", "A coordinator says where a problem stands: leave `state` out")
    stands = after_answer(state, by_reporter)
    await technical_issues.answer(work, issue_id, text=text, state=stands, by=caller.subject, by_reporter=by_reporter)
    if not by_reporter and found["reporter"] is not None:
        await _tell(work, means, found, stands)
    return await show_issue(work, caller, issue_id)


async def _tell(work: Work, means: Means, issue: Record, state: IssueState) -> None:
    territory = means.reference.territories[work.territory].name
    variables = {"territory": territory, "number": issue["number"], "state": STATES_FR[state]}
    message = compose(means.reference.messages, "issue_answered", variables)
    await send_message(work, means.keyring, Recipient(issue["reporter_kind"], issue["reporter"]), message)


async def _present(work: Work, issue_id: UUID, *, lock: bool = False) -> Record:
    return or_404(await technical_issues.find(work, issue_id, lock=lock), "issue_unknown")


def _may_see(caller: Caller, issue: Record) -> None:
    mine = own(caller.rpps, caller.organisation)
    theirs = issue["reporter"] and Owner(issue["reporter_kind"], issue["reporter"])
    if caller.role != COORDINATOR and (mine is None or mine != theirs):
        raise _refused()


def _refused() -> Problem:
    return Problem(403, "not_own_issue", "You may follow what you reported yourself")
