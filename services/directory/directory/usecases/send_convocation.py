"""A meeting is convened in writing (*convocation*): agenda and documents go to everybody who may attend."""

from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.association import Association
from directory.domain.french import french_day, french_hour
from directory.domain.meeting_documents import notice_days
from directory.domain.messages import MOST_ATTACHED, Attachment, Message, Recipient
from directory.store import channels, meeting_documents
from directory.usecases.find_meeting import find_convened, find_meeting
from directory.usecases.means import Means
from directory.usecases.meeting_documents import invited
from directory.usecases.send_message import compose, send_message
from kit import rows
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work

_PURPOSE = "association"


async def send_convocation(work: Work, caller: Caller, means: Means, rules: Association, meeting_id: UUID) -> Record:
    """Within the delay of the territory's rules; later it is refused or flagged, as they say.

    Answers what was sent and who has no channel for it. Raises Problem 404, 409 `meeting_over`, `notice_too_short`.
    """
    meeting = await find_convened(work, meeting_id)
    kind = rules.meetings.get(meeting["kind"])
    asked = kind.notice_days if kind else None
    days = notice_days(paris_day(work.now), paris_day(meeting["starts_at"]))
    late = asked is not None and days < asked
    if late and kind and kind.late_notice == "refused":
        raise Problem(409, "notice_too_short", f"{asked} clear days are asked for, {days} are left: choose another day")
    message = await _message(work, means, meeting)
    people = await invited(work, rules, meeting)
    unreachable = [row["id"] for row in people if not await _write(work, means, row, message, meeting_id)]
    return await rows.add(
        work,
        "convocation",
        caller.subject,
        meeting_id=meeting_id,
        sent_at=work.now,
        notice_days=days,
        asked_days=asked,
        late=late,
        written=len(people) - len(unreachable),
        unreachable=unreachable,
        rules_version=rules.version,
    )


async def list_convocations(work: Work, meeting_id: UUID) -> list[Record]:
    """Raises Problem 404."""
    await find_meeting(work, meeting_id)
    return await meeting_documents.convocations(work, meeting_id)


async def _write(work: Work, means: Means, row: Record, message: Message, meeting_id: UUID) -> bool:
    """Whether this member has a channel for it."""
    if row["rpps"] is not None:
        to = Recipient("rpps", row["rpps"])
    elif row["finess"] is not None:
        to = Recipient("finess", row["finess"])
    else:
        return False
    if not await channels.usable(work, (to.kind, to.id), _PURPOSE):
        return False
    await send_message(work, means.keyring, to, message, batch=meeting_id)
    return True


async def _message(work: Work, means: Means, meeting: Record) -> Message:
    files = await meeting_documents.of_meeting(work, meeting["id"])
    agenda = [f"{number}. {item['title']}" for number, item in enumerate(meeting["agenda"], start=1)]
    attached = sum(row["size"] for row in files) <= MOST_ATTACHED
    said = "joints" if attached else "à consulter en ligne"
    variables = {
        "territory": means.reference.territories[work.territory].name,
        "title": meeting["title"],
        "day": french_day(paris_day(meeting["starts_at"])),
        "hour": french_hour(meeting["starts_at"]),
        "place": meeting["place"] or "",
        "agenda": "\n".join(agenda),
        "documents": f"Documents {said} : " + ", ".join(row["name"] for row in files) if files else "",
    }
    attachments = tuple(Attachment(row["name"], row["blob"], row["media_type"]) for row in files) if attached else ()
    return compose(means.reference.messages, "meeting_convocation", variables, attachments=attachments)
