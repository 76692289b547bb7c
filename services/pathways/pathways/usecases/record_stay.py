"""A hospital tells of an emergency visit or a stay; the same stay again corrects or cancels it."""

import re
from dataclasses import dataclass
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Work
from pathways.domain.dating import local_day
from pathways.domain.hospital import Contact, Hospital, StayTold
from pathways.store import stays
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.keep_stay import Outcome, Telling, keep_stay
from pathways.usecases.take_stay_lines import take_earlier

_FINESS = re.compile(r"^[0-9AB]{9}$")


@dataclass(frozen=True)
class Town:
    """Who is to be called in town. `rpps` and `role` of a member of the care team, whom the directory names."""

    contact: Contact
    rpps: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Recorded:
    """What became of it, for the hospital. `followed` is true only for one of the patient's care team."""

    stay_id: UUID
    outcome: Outcome
    followed: bool
    town: Town


def establishment_of(caller: Caller) -> str:
    """The FINESS number of the caller's token. Raises Problem 403 `establishment_unknown`."""
    if not caller.organisation or not _FINESS.match(caller.organisation):
        raise Problem(403, "establishment_unknown", "The token names no establishment: `organisation` is its FINESS")
    return caller.organisation


async def record_stay(work: Work, access: Access, seal: Seal, rules: Hospital, told: StayTold) -> Recorded:
    """Raises Problem 403 `establishment_unknown` or 422."""
    for field, code, detail in told.faults(rules, local_day(work.now)):
        raise field_problem(field, code, detail)
    telling = Telling(access.caller, establishment_of(access.caller), seal, rules, access.rules)
    await stays.lock(work)
    await take_earlier(work, telling, told.number)
    row, outcome = await keep_stay(work, telling, told)
    followed = row["patient_id"] is not None and await access.allows(row["patient_id"], "pathway")
    town = await _town(work, rules, row["patient_id"]) if followed else Town(rules.contact)
    return Recorded(row["id"], outcome, followed, town)


async def _town(work: Work, rules: Hospital, patient_id: UUID) -> Town:
    found = await stays.contact(work, patient_id, rules.contact_roles)
    return Town(rules.contact, found["rpps"], found["role"]) if found else Town(rules.contact)
