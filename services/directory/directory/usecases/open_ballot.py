"""A question is put to the vote: rules, shares and roll are frozen (*ouverture du scrutin*)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.association import Association, VoteRules
from directory.domain.tally import BLANK, CHOICES, WHOLE
from directory.store import ballots, meeting_documents, meetings
from directory.usecases.find_meeting import find_convened, voters
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work


@dataclass(frozen=True)
class Question:
    """What is asked of the meeting. An election names candidates, seats, and the college that elects if one does."""

    item: int
    question: str
    secret: bool
    candidates: tuple[UUID, ...] = ()
    seats: int | None = None
    college: int | None = None
    document_id: UUID | None = None


async def open_ballot(work: Work, caller: Caller, rules: Association, meeting_id: UUID, asked: Question) -> Record:
    """Who is present or represented now may vote, by the rules of now, until it is closed.

    Raises Problem 404, 409 `no_vote_rules` (the territory has none for this meeting), `meeting_over`, `nobody_votes`,
    422 for an item, college, candidate or document that is not there, `document_required`.
    """
    meeting = await find_convened(work, meeting_id)
    kind = rules.meetings.get(meeting["kind"])
    if kind is None or kind.votes is None:
        raise Problem(409, "no_vote_rules", "association.yaml of the territory has no rules of voting for this meeting")
    agenda: list[dict[str, Any]] = meeting["agenda"]
    _check(rules, kind.votes, asked, len(agenda))
    document = await _document(work, rules, meeting_id, asked, agenda[asked.item - 1]["kind"])
    entitled = await voters(work, rules, meeting["kind"], paris_day(meeting["starts_at"]))
    if unknown := [str(it) for it in asked.candidates if it not in entitled]:
        raise field_problem("candidates", "candidate_without_vote", f"No vote in this body: {', '.join(unknown)}")
    roll = await _roll(work, meeting_id, kind.votes, asked, entitled)
    enrolled = sum(asked.college is None or college == asked.college for college in entitled.values())
    values = _values(rules, kind.votes, meeting_id, asked, enrolled=enrolled)
    values["terms"] |= {"document": document}
    ballot_id = await ballots.add(work, values, caller.subject)
    await ballots.add_roll(work, ballot_id, asked.secret, roll, caller.subject)
    if asked.secret:
        await ballots.add_box(work, ballot_id, {college for _, college, _ in roll}, options(asked))
    return await find_ballot(work, ballot_id)


async def find_ballot(work: Work, ballot_id: UUID, *, lock: str = "") -> Record:
    """Raises Problem 404."""
    return or_404(await ballots.find(work, ballot_id, lock=lock), "ballot_unknown")


def options(asked: Question) -> list[str]:
    """What may be chosen."""
    return [*map(str, asked.candidates), BLANK] if asked.candidates else list(CHOICES)


def _check(rules: Association, votes: VoteRules, asked: Question, items: int) -> None:
    if asked.item > items:
        raise field_problem("item", "item_unknown", f"The agenda has {items} items")
    if asked.college is not None and rules.college(asked.college) is None:
        raise field_problem("college", "college_unknown", "The territory has no such college")
    if bool(asked.candidates) != (asked.seats is not None):
        raise field_problem("seats", "election_incomplete", "An election names both candidates and seats")
    if asked.college is not None and not asked.candidates:
        raise field_problem("college", "resolution_of_all", "A college alone elects; a resolution is for all")
    if asked.candidates and votes.weighted and asked.college is None:
        raise field_problem("college", "college_required", "Seats of the board are filled by a college: name it")


async def _document(
    work: Work, rules: Association, meeting_id: UUID, asked: Question, kind: str
) -> dict[str, Any] | None:
    """What the question is about, as it is now: it never changes, and its digest stands with the result."""
    needed = rules.documents.get(kind)
    if asked.document_id is None:
        if needed is not None and not asked.candidates:
            raise field_problem("document_id", "document_required", f"A vote on {kind} is about a document ({needed})")
        return None
    found = await meeting_documents.find(work, meeting_id, asked.document_id)
    if found is None or found["withdrawn_at"] is not None:
        raise field_problem("document_id", "document_unknown", "The meeting has no such document")
    if needed is not None and found["kind"] != needed:
        raise field_problem("document_id", "document_of_another_kind", f"It is {found['kind']}, not {needed}")
    return {"id": str(found["id"]), **{name: found[name] for name in ("kind", "name", "edition", "sha256")}}


async def _roll(
    work: Work, meeting_id: UUID, votes: VoteRules, asked: Question, entitled: dict[UUID, int | None]
) -> list[tuple[UUID, int, UUID]]:
    """(member, group, who casts) of everybody present or represented who has a vote here."""
    found = []
    for line in await meetings.attendance(work, meeting_id):
        member = line["member_id"]
        if line["status"] not in ("present", "represented") or member not in entitled:
            continue
        college = entitled[member]
        if asked.college in (None, college):
            group = college if votes.weighted and college is not None else WHOLE
            found.append((member, group, line["holder_id"] or member))
    if not found:
        raise Problem(409, "nobody_votes", "Nobody who may vote is present or represented: sign the attendance first")
    return found


def _values(
    rules: Association, votes: VoteRules, meeting_id: UUID, asked: Question, *, enrolled: int
) -> dict[str, Any]:
    shares = {it.number: str(it.vote_share) for it in rules.colleges} if votes.weighted else {WHOLE: "1"}
    if asked.candidates:
        shares = {asked.college or WHOLE: "1"}
    terms = {"version": rules.version, "votes": votes.model_dump(mode="json"), "shares": shares, "enrolled": enrolled}
    return {
        "meeting_id": meeting_id,
        "item": asked.item,
        "question": asked.question,
        "secret": asked.secret,
        "seats": asked.seats,
        "college": asked.college,
        "options": options(asked),
        "terms": terms,
    }
