"""Keeps what the directory tells of doctors: where they practise, and whether they accept new patients."""

from contracts.directory import AcceptanceDeclared, ProfessionalUpdated
from kit.work import Work
from pathways.domain.professions import DOCTOR
from pathways.store import doctor_searches as store

_GENERAL_PRACTICE = "general-practice"


async def note_place(work: Work, person: ProfessionalUpdated, version: int) -> None:
    """Of doctors, and no name; who is no general practitioner is kept as not listed."""
    if person.profession != DOCTOR:
        return
    communes = sorted({it.commune for it in person.activities if it.commune})
    listed = person.listed and _GENERAL_PRACTICE in person.specialties
    await store.told_place(work, person.rpps, communes, version, listed=listed)


async def note_acceptance(work: Work, said: AcceptanceDeclared, version: int) -> None:
    """What a doctor said last on this territory."""
    about = {name: getattr(said, name) for name in ("accepts", "capacity", "patients", "valid_until")}
    await store.told_acceptance(work, said.rpps, **about, version=version)
