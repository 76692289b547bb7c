"""Finding a patient whom one can name exactly."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.store import patients
from pathways.store.seal import Seal
from pathways.usecases.access import Access
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


@dataclass(frozen=True)
class Found:
    """Entries that the caller may see, and ids of patients of whose care team the caller is not."""

    mine: list[Patient]
    others: list[UUID]


async def search_patients(work: Work, access: Access, seal: Seal, wanted: ByName | ByIns, purpose: str) -> Found:
    """Who this is; empty when nobody is. The search is recorded, also when it finds nothing."""
    rows = await _find(work, seal, wanted)
    for patient_id in [row["id"] for row in rows] or [None]:
        await access.record("search", "identity", purpose, patient_id)
    mine = [row for row in rows if await access.allows(row["id"], "entry")]
    today = local_day(work.now)
    return Found([patient_of(row, seal, today) for row in mine], [row["id"] for row in rows if row not in mine])


async def _find(work: Work, seal: Seal, wanted: ByName | ByIns) -> list[Record]:
    if isinstance(wanted, ByIns):
        return await patients.find_by_ins(work, seal.ins_index(wanted.matricule))
    name_index = seal.name_index(wanted.family_name, wanted.given_name, wanted.birth_date)
    return await patients.find_by_name(work, name_index)
