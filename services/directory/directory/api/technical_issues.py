"""Routes of the register of technical problems that professionals report."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from directory.api.params import IssueReporter, MeansDep
from directory.api.schemas_messages import OwnerOut, Stated
from directory.domain.technical_issue import IssueState, Severity
from directory.usecases.handle_issue import answer_issue, list_issues, report_issue, show_issue
from kit.as_of import AsOfDep
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["technical issues"])

NUMBER = TypeAdapter(tuple[int])
IssuePath = Annotated[UUID, Path(description="Reported problem")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=5000, strip_whitespace=True)]


class IssueIn(Stated):
    """What does not work. Nothing about a patient."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)] = Field(
        examples=["Les créneaux de demain ne s'affichent pas"]
    )
    description: Text
    severity: Severity = "annoying"


class AnswerIn(Stated):
    """An answer. `state` is for a coordinator: `answered` unless said."""

    text: Text
    state: IssueState | None = None


class IssueOut(BaseModel):
    """A reported problem."""

    id: UUID
    number: int = Field(description="Counts on the territory")
    title: str
    description: str
    severity: Severity
    state: IssueState
    reporter: OwnerOut | None = Field(description="Null when the token names neither a professional nor a partner")
    created_at: datetime
    version: int
    changed_at: datetime
    changed_by: str


class AnswerOut(BaseModel):
    """What was answered."""

    text: str
    state: IssueState = Field(description="Where the problem stood after it")
    at: datetime
    by: str
    by_reporter: bool


class IssueDetailOut(IssueOut):
    """With its answers, the first first."""

    answers: list[AnswerOut]


@router.post(
    "/technical-issues", operation_id="reportTechnicalIssue", summary="Report a technical problem", status_code=201
)
async def post_issue(*, caller: IssueReporter, work: WorkDep, body: IssueIn) -> IssueOut:
    """Anybody who uses the tools. The answer is told by the reporter's channel for `issues`."""
    row = await report_issue(work, caller, title=body.title, description=body.description, severity=body.severity)
    return IssueOut(**_fields(row))


@router.get("/technical-issues", operation_id="listTechnicalIssues", summary="Reported problems, the latest first")
async def get_issues(
    *,
    caller: IssueReporter,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    state: IssueState | None = None,
    severity: Severity | None = None,
) -> Page[IssueOut]:
    """A coordinator sees all, others what they reported. 403 `not_own_issue`: the token names nobody."""
    last = page.key(NUMBER)
    rows = await list_issues(
        work,
        caller,
        state=state,
        severity=severity,
        before=last and last[0],
        until=until,
        limit=page.limit + 1,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["number"]])
    return Page(items=[IssueOut(**_fields(row)) for row in kept], next=following)


@router.get(
    "/technical-issues/{issue_id}",
    operation_id="getTechnicalIssue",
    summary="One problem with its answers",
    responses=problem_responses(404),
)
async def get_issue(*, caller: IssueReporter, work: WorkDep, issue_id: IssuePath) -> IssueDetailOut:
    """404 `issue_unknown`, 403 `not_own_issue`."""
    return _detail(await show_issue(work, caller, issue_id))


@router.post(
    "/technical-issues/{issue_id}/answers",
    operation_id="answerTechnicalIssue",
    summary="Answer a problem, or add something to it",
    status_code=201,
    responses=problem_responses(404),
)
async def post_answer(
    *, caller: IssueReporter, work: WorkDep, means: MeansDep, issue_id: IssuePath, body: AnswerIn
) -> IssueDetailOut:
    """A coordinator says where it stands and the reporter is told; what the reporter adds opens it again.

    404 `issue_unknown`; 403 `not_own_issue`, `not_your_state`.
    """
    return _detail(await answer_issue(work, means, caller, issue_id, text=body.text, state=body.state))


def _detail(found: tuple[Record, list[Record]]) -> IssueDetailOut:
    row, answers = found
    return IssueDetailOut(**_fields(row), answers=[AnswerOut(**dict(it)) for it in answers])


def _fields(row: Record) -> dict[str, Any]:
    names = ("id", "number", "title", "description", "severity", "state", "created_at", "version", "changed_at")
    reporter = OwnerOut(kind=row["reporter_kind"], id=row["reporter"]) if row["reporter"] else None
    return {name: row[name] for name in (*names, "changed_by")} | {"reporter": reporter}
