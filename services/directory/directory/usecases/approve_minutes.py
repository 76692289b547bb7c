"""Minutes are approved, by a vote, by officers, or on paper as the territory's rules say; then nothing changes them."""

import hashlib
from typing import Any
from uuid import UUID

from contracts.directory import MinutesApproved
from directory.domain.association import Association
from directory.store import ballots, meeting_documents, minutes
from directory.usecases.find_meeting import find_meeting
from directory.usecases.keep_minutes import MinutesView, locked_draft, officers, printed, sealed_in, show_minutes
from directory.usecases.means import Means
from directory.usecases.show_result import show_result
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work


async def approve_minutes(
    work: Work,
    caller: Caller,
    means: Means,
    meeting_id: UUID,
    *,
    ballot_id: UUID | None,
    document_id: UUID | None,
) -> MinutesView:
    """By a closed vote on an item `minutes` that adopted them, or on paper: the signed copy is a document there.

    Raises Problem 404, 409 `not_held`, `minutes_approved`, `way_not_allowed`, `not_adopted`, 422.
    """
    rules = means.reference.association(work.territory)
    await _held(work, meeting_id)
    draft = await locked_draft(work, meeting_id)
    if ballot_id is not None:
        approval = await _by_vote(work, rules, ballot_id)
    else:
        approval = await _on_paper(work, rules, meeting_id, document_id)
    return await _freeze(work, caller, means, draft, approval)


async def sign_minutes(work: Work, caller: Caller, means: Means, meeting_id: UUID) -> MinutesView:
    """An officer of the bureau signs the text as it stands; with the last signature that is needed it is approved.

    Raises Problem 403 `not_an_officer`, 404, 409 `not_held`, `minutes_approved`, `way_not_allowed`.
    """
    rules = means.reference.association(work.territory)
    if not rules.minutes.needed:
        raise Problem(409, "way_not_allowed", "The territory's rules approve minutes another way")
    await _held(work, meeting_id)
    draft = await locked_draft(work, meeting_id)
    member_id, role = (await officers(work)).get(caller.rpps or "", (None, ""))
    if member_id is None or role not in rules.minutes.signatures:
        raise Problem(403, "not_an_officer", f"Signed by {', '.join(rules.minutes.signatures)}")
    await minutes.sign(work, meeting_id, member_id, role=role, text_version=draft["version"], by=caller.subject)
    signed = await minutes.signatures(work, meeting_id, draft["version"])
    if len(signed) < rules.minutes.needed:
        return await show_minutes(work, caller, rules, meeting_id)
    told = [{"member_id": str(it["member_id"]), "role": it["role"], "at": it["signed_at"].isoformat()} for it in signed]
    return await _freeze(work, caller, means, draft, {"way": "signatures", "signatures": told})


async def _held(work: Work, meeting_id: UUID) -> None:
    meeting = await find_meeting(work, meeting_id)
    if meeting["state"] != "held":
        raise Problem(409, "not_held", f"The meeting is {meeting['state']}")


async def _by_vote(work: Work, rules: Association, ballot_id: UUID) -> dict[str, Any]:
    if not rules.minutes.vote:
        raise Problem(409, "way_not_allowed", "The territory's rules approve minutes another way")
    ballot = await ballots.find(work, ballot_id)
    if ballot is None:
        raise field_problem("ballot_id", "ballot_unknown", "No such vote on this territory")
    if not await ballots.is_on(work, ballot_id, "minutes"):
        raise field_problem("ballot_id", "ballot_of_another_item", "The vote is not about minutes")
    result = await show_result(work, ballot_id)
    if result.tally is None or not result.tally.adopted:
        raise Problem(409, "not_adopted", "The vote did not adopt them")
    return {"way": "vote", "ballot_id": str(ballot_id)}


async def _on_paper(work: Work, rules: Association, meeting_id: UUID, document_id: UUID | None) -> dict[str, Any]:
    if not rules.minutes.paper:
        raise Problem(409, "way_not_allowed", "The territory's rules approve minutes another way")
    found = await meeting_documents.find(work, meeting_id, document_id) if document_id else None
    if found is None or found["kind"] != "minutes" or found["withdrawn_at"] is not None:
        raise field_problem("document_id", "document_unknown", "Put the signed copy before the meeting, kind `minutes`")
    return {"way": "paper", "document_id": str(found["id"]), "sha256": found["sha256"]}


async def _freeze(work: Work, caller: Caller, means: Means, draft: Record, approval: dict[str, Any]) -> MinutesView:
    meeting_id = draft["meeting_id"]
    rules = means.reference.association(work.territory)
    found = await show_minutes(work, caller, rules, meeting_id)
    number = await minutes.next_number(work)
    pdf, html = await printed(work, means.keyring, means.reference, found, number=number)
    values: dict[str, Any] = {
        "number": number,
        "approval": approval,
        "pdf_sha256": hashlib.sha256(pdf).hexdigest(),
        "pdf_sealed": means.keyring.encrypt(pdf.decode("latin-1"), sealed_in(meeting_id, "pdf")),
        "html_sealed": means.keyring.encrypt(html, sealed_in(meeting_id, "html")),
    }
    await minutes.approve(work, meeting_id, values, caller.subject)
    approved = await show_minutes(work, caller, rules, meeting_id)
    told = MinutesApproved(meeting_id=meeting_id, number=number, way=approval["way"], sha256=values["pdf_sha256"])
    work.emit(told, version=approved.row["version"])
    return approved
