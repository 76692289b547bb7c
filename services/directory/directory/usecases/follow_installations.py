"""Projects of professionals who may settle (*installation*), from the first contact to the opening."""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from contracts.directory import InstallationAdvanced
from directory.domain.attractiveness import ABANDONED, FIRST, OPENED, AttractivenessCodes
from directory.usecases.known_codes import check_code, check_communes, check_profession
from directory.usecases.load_reference import Reference
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring, UndecryptableError
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work

Candidate: TypeAlias = dict[str, str | None]
"""Name, phone and e-mail of who may settle."""


@dataclass(frozen=True)
class Project:
    """What somebody looks for. `spouse_job`: the field in which their spouse (*conjoint*) seeks work."""

    profession: str
    specialty: str | None
    communes: tuple[str, ...]
    spouse_job: str | None


@dataclass(frozen=True)
class Opening:
    """Where and when a practice opened, and by whom when the number is known."""

    commune: str
    opened_on: date
    rpps: str | None


async def begin_installation(
    work: Work, reference: Reference, keyring: Keyring, caller: Caller, *, project: Project, candidate: Candidate | None
) -> Record:
    """Notes a first contact. Raises Problem 422 for an unknown profession, specialty or commune."""
    await _check(work, reference, project)
    values = vars(project) | {"communes": list(project.communes)}
    row = await rows.add(work, "installation", caller.subject, **values, stage=FIRST)
    if candidate is not None:
        sealed = keyring.encrypt(orjson.dumps(candidate).decode(), _context(row["id"]))
        row = await rows.change(work, "installation", row["id"], caller.subject, sealed=sealed)
    return _told(work, row)


async def advance_installation(
    work: Work, reference: Reference, caller: Caller, installation_id: UUID, *, stage: str, opening: Opening | None
) -> Record:
    """Takes a project to another stage. An opening needs its place and day.

    An opened or abandoned project needs no contact any more: name, phone and e-mail are forgotten.
    Raises Problem 404, 409 `stage_not_next`, 422.
    """
    row = await find_installation(work, installation_id, lock=True)
    _check_stage(reference.attractiveness, row["stage"], stage)
    if (stage == OPENED) != (opening is not None):
        raise field_problem("opening", "opening_mismatch", f"Goes with the stage {OPENED}, and with no other")
    if opening:
        await check_communes(work, "opening.commune", [opening.commune])
    changes: dict[str, Any] = {"stage": stage} | (vars(opening) if opening else {})
    # Nobody needs to be reached any more.
    changes |= {"sealed": None} if stage in (OPENED, ABANDONED) else {}
    return _told(work, await rows.change(work, "installation", installation_id, caller.subject, **changes))


def _check_stage(codes: AttractivenessCodes, present: str, following: str) -> None:
    check_code("stage", following, codes.stages)
    if not codes.may_follow(present, following):
        allowed = ", ".join(codes.stages[present].next) or "nothing"
        raise Problem(409, "stage_not_next", f"After {present} comes one of: {allowed}")


async def find_installation(work: Work, installation_id: UUID, *, lock: bool = False) -> Record:
    """A project of the territory. Raises Problem 404."""
    return or_404(await rows.find(work, "installation", installation_id, lock=lock), "installation_unknown")


async def read_candidate(work: Work, keyring: Keyring, caller: Caller, installation_id: UUID) -> Candidate:
    """Who may settle; that it was read, and by whom, is written down.

    Raises Problem 404 `candidate_not_found`: nobody named, or forgotten at the end.
    """
    row = await find_installation(work, installation_id)
    if row["sealed"] is None:
        raise Problem(404, "candidate_not_found", "Nobody is named, or the project has ended")
    try:
        candidate: Candidate = orjson.loads(keyring.decrypt(row["sealed"], _context(installation_id)))
    except UndecryptableError:
        raise Problem(500, "candidate_sealed", "The key of this contact is not there any more") from None
    await rows.add(work, "candidate_read", caller.subject, installation_id=installation_id, role=caller.role)
    return candidate


def _told(work: Work, row: Record) -> Record:
    told = InstallationAdvanced(
        installation_id=row["id"],
        profession=row["profession"],
        specialty=row["specialty"],
        stage=row["stage"],
        commune=row["commune"],
        opened_on=row["opened_on"],
    )
    work.emit(told, version=row["version"])
    return row


async def _check(work: Work, reference: Reference, project: Project) -> None:
    check_profession(reference.nomenclature, project.profession, project.specialty)
    await check_communes(work, "communes", project.communes)


def _context(installation_id: UUID) -> bytes:
    return b"installation:" + installation_id.bytes
