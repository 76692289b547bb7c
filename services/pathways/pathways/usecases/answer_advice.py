"""A question between professionals is read, answered, declined or withdrawn."""

from typing import Any, Literal
from uuid import UUID

from contracts.coordination import AdviceAnswered, AdviceClosed
from kit import rows
from kit.problems import Problem, or_404
from kit.work import Record, Work
from pathways.domain.advice import AdviceRules, AdviceState, DeclineReason
from pathways.store import advice
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.ask_advice import box_of, pass_on

Mine = Literal["to_me", "from_me"]


async def find_advice(work: Work, access: Access, advice_id: UUID, action: str, *, lock: bool = False) -> Record:
    """For who asked, who is or was asked, and who may see clinical content of the patient. Recorded.

    Raises Problem 403, 404 or 410.
    """
    row = await rows.find(work, advice.TABLE, advice_id, lock=lock)
    found = or_404(row, "advice_unknown", "No such question, or none of yours")
    patient_id = found["patient_id"]
    if patient_id is None and not (_asked(access, found) or _is_asked(access, found)):
        raise Problem(404, "advice_unknown", "No such question, or none of yours")
    if patient_id is not None and _is_asked(access, found):
        # An exchange between named professionals who take part in the care (L1110-4 II): this question, nothing else.
        standing = await access.standing(patient_id)
        if standing.objected or standing.restricted or standing.sharing == "withdrawn":
            raise Problem(403, "access_refused", "The patient objects, or took the consent back")
        await access.record(action, "clinical", "care", patient_id)
    elif patient_id is not None:
        await access.check(patient_id, "clinical", action=action)
    return found


async def list_advice(
    work: Work, access: Access, mine: Mine, state: AdviceState | None, *, after: UUID | None, limit: int
) -> list[Record]:
    """The newest first, one more than `limit`, without texts: those that one asked, or is asked now."""
    whose: tuple[Any, ...] = ("asked_by = ANY(?)", access.people)
    if mine == "to_me":
        rpps = access.caller.rpps or ""
        whose = ("turns @> ARRAY[?::text] AND turns[turn + 1] = ?", rpps, rpps)
    return await advice.several(work, filters=[whose, ("state = ?", state)], after=after, limit=limit + 1)


async def advice_of_patient(
    work: Work, access: Access, patient_id: UUID, *, after: UUID | None, limit: int
) -> list[Record]:
    """Raises Problem 403, 404 or 410."""
    await access.check(patient_id, "clinical")
    filters: list[tuple[Any, ...]] = [("patient_id = ?", patient_id)]
    return await advice.several(work, filters=filters, after=after, limit=limit + 1)


async def texts_of(work: Work, seal: Seal, row: Record) -> tuple[str, str | None]:
    """Question and answer. Raises Problem 410."""
    box = await box_of(work, seal, row["patient_id"])
    return box.open(row["id"], "question", row["question"]) or "", box.open(row["id"], "answer", row["answer"])


async def answer_advice(work: Work, access: Access, seal: Seal, advice_id: UUID, text: str) -> Record:
    """By who is asked, or was before it went on to the next. Raises Problem 403, 404, 409 `advice_closed` or 410."""
    row = await _open(work, access, advice_id, "answer_advice")
    if not _is_asked(access, row):
        raise Problem(403, "not_asked", "Only who is asked answers")
    sealed = (await box_of(work, seal, row["patient_id"])).close(advice_id, "answer", text)
    changed = await _close(work, access, row, "answered", answer=sealed)
    minutes = int((work.now - row["asked_at"]).total_seconds() // 60)
    about = {name: row[name] for name in ("kind", "specialty", "turn")}
    in_time = work.now <= row["due_at"]
    told = AdviceAnswered(advice_id=advice_id, minutes=minutes, in_time=in_time, answered_at=work.now, **about)
    work.emit(told, version=changed["version"])
    return changed


async def decline_advice(
    work: Work, access: Access, rules: AdviceRules, advice_id: UUID, reason: DeclineReason
) -> Record:
    """By who is asked now: the next is asked at once, or it is declined. Raises Problem 403, 404, 409 or 410."""
    row = await _open(work, access, advice_id, "decline_advice")
    if access.caller.rpps is None or row["turns"][row["turn"]] != access.caller.rpps:
        raise Problem(403, "not_asked", "Only who is asked now declines")
    handed = await pass_on(work, rules, row, access.caller.subject, "declined")
    return handed or await _end(work, access, row, "declined", reason)


async def withdraw_advice(work: Work, access: Access, advice_id: UUID) -> Record:
    """By who asked. Raises Problem 403, 404, 409 or 410."""
    row = await _open(work, access, advice_id, "withdraw_advice")
    if not _asked(access, row):
        raise Problem(403, "not_asked", "Only who asked withdraws")
    return await _end(work, access, row, "withdrawn", None)


async def _open(work: Work, access: Access, advice_id: UUID, action: str) -> Record:
    row = await find_advice(work, access, advice_id, action, lock=True)
    if row["state"] != "asked":
        raise Problem(409, "advice_closed", "It was answered, declined or withdrawn before", state=row["state"])
    return row


async def _end(work: Work, access: Access, row: Record, state: AdviceState, reason: str | None) -> Record:
    changed = await _close(work, access, row, state, reason=reason)
    told = AdviceClosed(advice_id=row["id"], kind=row["kind"], specialty=row["specialty"], outcome=state)
    work.emit(told, version=changed["version"])
    return changed


async def _close(work: Work, access: Access, row: Record, state: AdviceState, **values: Any) -> Record:
    values |= {"state": state, "next_at": None, "closed_at": work.now, "closed_by": access.people[-1]}
    return await rows.change(work, advice.TABLE, row["id"], access.caller.subject, **values)


def _asked(access: Access, row: Record) -> bool:
    return row["asked_by"] in access.people


def _is_asked(access: Access, row: Record) -> bool:
    return access.caller.rpps is not None and access.caller.rpps in row["turns"][: row["turn"] + 1]
