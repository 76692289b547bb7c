"""Sessions are planned, changed and cancelled."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.activities import SessionCancelled, SessionPlanned
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.versions import check_version
from kit.work import Record, Work
from pathways.usecases.activity_words import Words, check_subject, check_word

TABLE = "session"
_LONGEST = timedelta(days=7)


@dataclass(frozen=True)
class Plan:
    """What is planned, when and where. `capacity`: seats, None without limit."""

    kind: str
    topic: str | None
    theme: str | None
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str | None
    capacity: int | None


async def plan_session(work: Work, caller: Caller, words: Words, plan: Plan) -> Record:
    """Plans a session and tells it. One that took place already may be planned to be noted. Raises Problem 422."""
    row = await rows.add(work, TABLE, caller.subject, **_checked(words, plan), state="planned")
    _tell(work, row)
    return row


async def change_session(
    work: Work, caller: Caller, words: Words, session_id: UUID, plan: Plan, *, if_match: str | None
) -> Record:
    """Plans it anew, whole. Raises Problem 404, 409 `session_over`, 412, 422."""
    check_version(if_match, (await find_planned(work, session_id))["version"])
    row = await rows.change(work, TABLE, session_id, caller.subject, **_checked(words, plan))
    _tell(work, row)
    return row


async def cancel_session(work: Work, caller: Caller, session_id: UUID, reason: str) -> Record:
    """It will not take place. Raises Problem 404, 409 `session_over`."""
    await find_planned(work, session_id)
    row = await rows.change(work, TABLE, session_id, caller.subject, state="cancelled", cancel_reason=reason)
    work.emit(SessionCancelled(session_id=session_id, kind=row["kind"]), version=row["version"])
    return row


async def find_session(work: Work, session_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    row = await rows.find(work, TABLE, session_id, lock=lock)
    if row is None:
        raise Problem(404, "session_unknown", "This territory has no such session")
    return row


async def find_planned(work: Work, session_id: UUID) -> Record:
    """A session that is still to come, for this transaction alone. Raises Problem 404, 409 `session_over`."""
    row = await find_session(work, session_id, lock=True)
    if row["state"] != "planned":
        raise Problem(409, "session_over", "It was held or cancelled", state=row["state"])
    return row


def _checked(words: Words, plan: Plan) -> dict[str, object]:
    check_word("kind", plan.kind, words.activities.session_kinds)
    topic = check_subject(words.activities, plan.topic, plan.theme)
    if not timedelta() < plan.ends_at - plan.starts_at <= _LONGEST:
        raise field_problem("ends_at", "period_refused", f"After the start, within {_LONGEST.days} days of it")
    return {**vars(plan), "topic": topic, "codes_version": words.activities.version}


def _tell(work: Work, row: Record) -> None:
    told = SessionPlanned(
        session_id=row["id"],
        kind=row["kind"],
        topic=row["topic"],
        theme=row["theme"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
    )
    work.emit(told, version=row["version"])
