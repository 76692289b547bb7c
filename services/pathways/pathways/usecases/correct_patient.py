"""Mends the entry of a patient (GDPR 16), and finds whom it makes equal to somebody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from kit.problems import Problem
from kit.work import Work
from pathways.domain.dating import local_day
from pathways.domain.patient import IdentityStatus, Sex
from pathways.store import patients
from pathways.store.seal import Seal
from pathways.usecases.access import Access, check_present
from pathways.usecases.merge_patients import note_duplicates
from pathways.usecases.register_patient import NewPatient, check_new, exists
from pathways.usecases.show_patient import Patient, find_patient, patient_of


@dataclass(frozen=True)
class Correction:
    """Fields of the identity by name, and of the entry; what is not named stays."""

    identity: Mapping[str, Any] = field(default_factory=dict)
    identity_status: IdentityStatus | None = None
    commune: str | None = None
    sex: Sex | None = None


async def correct_patient(
    work: Work, access: Access, seal: Seal, communes: Mapping[str, str], patient_id: UUID, *, mended: Correction
) -> Patient:
    """Raises Problem 403, 404, 409 `patient_exists`, 410 or 422."""
    await access.check(patient_id, "identity", "write", purpose="correction", action="correct")
    row = await patients.lock(work, patient_id)
    if row is None:
        raise Problem(404, "patient_unknown", "No such patient on this territory")
    check_present(row)
    identity = replace(seal.open(row), **mended.identity)
    status = mended.identity_status or row["identity_status"]
    commune = check_new(work, communes, NewPatient(identity, status, mended.commune or row["commune"], None, ""))
    name_index = seal.name_index(identity.family_name, identity.given_name, identity.birth_date)
    ins_index = seal.ins_index(identity.ins) if identity.ins else None
    same = await patients.find_same(work, name_index, ins_index, but=patient_id)
    if same is not None:
        raise exists(same)
    key_id, key = (row["key_id"], seal.key_of(row)) if row["key_id"] else (work.new_id(), seal.new_key())
    if row["key_id"] is None:
        await seal.keep_key(work, patient_id, key_id, key)
    await patients.change(
        work,
        patient_id,
        access.caller.subject,
        sealed=seal.close(patient_id, identity, key_id, key),
        key_id=key_id,
        name_index=name_index,
        ins_index=ins_index,
        birth_index=seal.birth_index(identity.birth_date),
        identity_status=status,
        commune=commune,
        sex=mended.sex or row["sex"],
    )
    await note_duplicates(work, access, seal, patient_id, identity)
    return patient_of(await find_patient(work, patient_id), seal, local_day(work.now))
