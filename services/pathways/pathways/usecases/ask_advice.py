"""A professional asks another, or a group one after the other (avis, téléconsultation, téléexpertise)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from contracts.coordination import AdviceEscalated, AdviceRequested
from kit import rows
from kit.crypto import Keyring
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.advice import AdviceKind, AdviceRules, next_at
from pathways.domain.dating import local_day
from pathways.domain.duty import following
from pathways.store import advice, duties
from pathways.store.held import content_context
from pathways.store.patient_keys import PatientKeys
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.keep_duties import turns_of


@dataclass(frozen=True)
class Question:
    """What is asked of whom: `rpps` or `group_id`. Of an enrolled patient, who was told of it (L1110-4)."""

    kind: AdviceKind
    specialty: str
    text: str
    rpps: str | None = None
    group_id: UUID | None = None
    patient_id: UUID | None = None
    patient_informed: bool = False


async def ask_advice(work: Work, access: Access, seal: Seal, rules: AdviceRules, asked: Question) -> Record:
    """Raises Problem 403, 404, 409 `nobody_on_call` or 422."""
    if asked.patient_id is not None:
        if not asked.patient_informed:
            raise field_problem("patient_informed", "patient_not_informed", "L1110-4: the patient is told of it first")
        await access.check(asked.patient_id, "clinical", "write", action="ask_advice")
    turns = [asked.rpps] if asked.rpps else await turns_of(work, asked.group_id) if asked.group_id else []
    turns = [it for it in turns if it != access.caller.rpps]
    if not turns:
        raise Problem(409, "nobody_on_call", "Nobody of this group can be asked now")
    advice_id, delays = work.new_id(), rules.kinds[asked.kind]
    due_at = work.now + timedelta(hours=delays.answer_hours)
    row = await rows.add(
        work,
        advice.TABLE,
        access.caller.subject,
        id=advice_id,
        kind=asked.kind,
        specialty=asked.specialty,
        patient_id=asked.patient_id,
        asked_by=access.people[-1],
        asked_at=work.now,
        group_id=asked.group_id,
        turns=turns,
        turn=0,
        state="asked",
        due_at=due_at,
        next_at=next_at(delays, work.now, due_at, others=len(turns) > 1),
        question=(await box_of(work, seal, asked.patient_id)).close(advice_id, "question", asked.text),
        rules_version=rules.version,
    )
    told = {name: row[name] for name in ("kind", "specialty", "group_id", "due_at")}
    work.emit(AdviceRequested(advice_id=advice_id, rpps=turns[0], **told), version=1)
    return row


async def pass_on(work: Work, rules: AdviceRules, row: Record, by: str, why: str) -> Record | None:
    """Puts the question, whose row is locked, to the next of the order who is there; None when nobody is left."""
    today = local_day(work.now)
    away = await duties.absent(work, row["territory"], row["turns"], today)
    turn = following(row["turns"], row["turn"], away)
    if turn is None:
        return None
    others = following(row["turns"], turn, away) is not None
    then = next_at(rules.kinds[row["kind"]], work.now, row["due_at"], others=others)
    changed = await advice.advance(work, row, by, turn=turn, next_at=then, overdue_at=row["overdue_at"])
    tell_escalated(work, changed, changed["turns"][turn], why)
    return changed


def tell_escalated(work: Work, row: Record, rpps: str | None, why: str) -> None:
    """Who is asked now, nobody when it is only overdue."""
    told = {name: row[name] for name in ("kind", "specialty", "turn", "due_at")}
    event = AdviceEscalated(advice_id=row["id"], rpps=rpps, reason=why, **told)
    work.emit(event, version=row["version"], territory=row["territory"])


@dataclass(frozen=True)
class Box:
    """Seals and opens the texts of a question: under the patient's key, else under the master key."""

    territory: str
    keyring: Keyring
    keys: PatientKeys | None

    def close(self, advice_id: UUID, column: str, text: str) -> bytes:
        return (self.keys or self.keyring).encrypt(text, self._context(advice_id, column))

    def open(self, advice_id: UUID, column: str, sealed: bytes | None) -> str | None:
        return (self.keys or self.keyring).decrypt(sealed, self._context(advice_id, column)) if sealed else None

    def _context(self, advice_id: UUID, column: str) -> bytes:
        context = content_context(advice.TABLE, advice_id, column)
        return context if self.keys else self.territory.encode() + b"|" + context


async def box_of(work: Work, seal: Seal, patient_id: UUID | None) -> Box:
    """Raises Problem 410 for a patient whose key is gone."""
    keys = await seal.keys(work, patient_id) if patient_id else None
    if patient_id is not None and keys is None:
        raise Problem(410, "patient_erased", "This patient's data was erased")
    return Box(work.territory, seal.keyring, keys)
