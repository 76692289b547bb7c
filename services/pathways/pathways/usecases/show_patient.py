"""What may be seen of a patient without an identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.patient import Identity, age_band, department
from pathways.store import patients
from pathways.store.patient_keys import PatientKeys
from pathways.store.seal import Seal
from pathways.usecases.access import Access, check_present


@dataclass(frozen=True)
class Patient:
    """A patient without name, birth date, phone or national identifier."""

    id: UUID
    ref: UUID
    age_band: str
    commune: str
    department: str
    sex: str | None
    identity_status: str
    created_at: datetime


async def show_patient(work: Work, access: Access, seal: Seal, patient_id: UUID) -> Patient:
    """Raises Problem 403 `access_refused` or 404 `patient_unknown`."""
    await access.check(patient_id, "entry")
    return patient_of(await find_patient(work, patient_id), seal, local_day(work.now))


async def find_patient(work: Work, patient_id: UUID) -> Record:
    """The row. Raises Problem 404 `patient_unknown`, or 410 for an entry that was erased or merged into another."""
    row = await patients.find(work, patient_id)
    if row is None:
        raise Problem(404, "patient_unknown", "No such patient on this territory")
    check_present(row)
    return row


def identity_of(row: Mapping[str, Any], seal: Seal) -> Identity:
    """Opens the sealed identity: for an answer this must be recorded, see show_identity."""
    return seal.open(row)


def patient_of(row: Mapping[str, Any], seal: Seal, today: date) -> Patient:
    """The view of a row. The birth date is opened for the age band and goes no further."""
    return Patient(
        id=row["id"],
        ref=row["ref"],
        age_band=age_band(seal.birth_date(row), today),
        commune=row["commune"],
        department=department(row["commune"]),
        sex=row["sex"],
        identity_status=row["identity_status"],
        created_at=row["created_at"],
    )


def present_keys(keys: PatientKeys | None) -> PatientKeys:
    """What opens and seals what is written of a patient. Raises Problem 410 for one who has no key any more."""
    if keys is None:
        raise Problem(410, "patient_erased", "This patient's data was erased")
    return keys
