"""Finding a patient whom one can name exactly."""

from dataclasses import dataclass
from datetime import date

from kit.auth import Caller
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.store import accesses, patients
from pathways.store.seal import Seal
from pathways.usecases.show_patient import Patient, patient_of


@dataclass(frozen=True)
class ByName:
    """Accents, case, hyphens and spaces do not count."""

    family_name: str
    given_name: str
    birth_date: date


@dataclass(frozen=True)
class ByIns:
    """The national health identifier (*matricule INS*)."""

    matricule: str


async def search_patients(
    work: Work, caller: Caller, seal: Seal, wanted: ByName | ByIns, purpose: str
) -> list[Patient]:
    """Who this is; empty when nobody is. The search is recorded, also when it finds nothing."""
    rows = await _find(work, seal, wanted)
    for patient_id in [row["id"] for row in rows] or [None]:
        await accesses.add(work, caller, "search", purpose, patient_id)
    today = local_day(work.now)
    return [patient_of(row, seal, today) for row in rows]


async def _find(work: Work, seal: Seal, wanted: ByName | ByIns) -> list[Record]:
    if isinstance(wanted, ByIns):
        return await patients.find_by_ins(work, seal.ins_index(wanted.matricule))
    name_index = seal.name_index(wanted.family_name, wanted.given_name, wanted.birth_date)
    return await patients.find_by_name(work, name_index)
