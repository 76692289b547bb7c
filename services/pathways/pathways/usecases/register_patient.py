"""Registers a patient, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kit.problems import Problem, field_problem
from kit.work import Work
from pathways.domain.dating import local_day
from pathways.domain.patient import WITH_INS, Identity, IdentityStatus, Sex, looks_like_ins
from pathways.store import patients
from pathways.store.seal import Seal
from pathways.store.tables import PatientRow
from pathways.usecases.access import Access
from pathways.usecases.keep_team import NewMember, join_team
from pathways.usecases.merge_patients import note_duplicates
from pathways.usecases.show_patient import Patient, find_patient, patient_of

_OLDEST_YEARS = 130


@dataclass(frozen=True)
class NewPatient:
    """What the caller says of the patient."""

    identity: Identity
    identity_status: IdentityStatus
    commune: str
    sex: Sex | None
    team_role: str


async def register_patient(
    work: Work, access: Access, seal: Seal, communes: Mapping[str, str], new: NewPatient, *, ref: UUID
) -> Patient:
    """Seals and stores the identity; who registers joins the care team. `ref` is random.

    Raises Problem 409 `patient_exists` (with the id) or 422.
    """
    commune = check_new(work, communes, new)
    identity = new.identity
    name_index = seal.name_index(identity.family_name, identity.given_name, identity.birth_date)
    ins_index = seal.ins_index(identity.ins) if identity.ins else None
    same = await patients.find_same(work, name_index, ins_index)
    if same is not None:
        raise exists(same)
    patient_id, key_id, key = work.new_id(), work.new_id(), seal.new_key()
    row = PatientRow(
        id=patient_id,
        territory=work.territory,
        ref=ref,
        sealed=seal.close(patient_id, identity, key_id, key),
        name_index=name_index,
        ins_index=ins_index,
        birth_index=seal.birth_index(identity.birth_date),
        key_id=key_id,
        identity_status=new.identity_status,
        commune=commune,
        sex=new.sex,
        created_at=work.now,
        version=1,
        changed_at=work.now,
        changed_by=access.caller.subject,
    )
    if not await patients.add(work, row):
        raise exists(await patients.find_same(work, name_index, ins_index))
    await seal.keep_key(work, patient_id, key_id, key)
    await join_team(work, access, patient_id, NewMember(access.people[-1], new.team_role))
    await note_duplicates(work, access, seal, patient_id, identity)
    await access.record("create", "identity", "care", patient_id)
    return patient_of(await find_patient(work, patient_id), seal, local_day(work.now))


def check_new(work: Work, communes: Mapping[str, str], new: NewPatient) -> str:
    """What is said of a patient, looked at; answers the commune of today. Raises Problem 422 that names the field."""
    today, birth = local_day(work.now), new.identity.birth_date
    if not 0 <= today.year - birth.year <= _OLDEST_YEARS or birth > today:
        raise field_problem("birth_date", "birth_date_implausible", "A birth date lies in the past 130 years")
    if new.commune not in communes:
        raise field_problem("commune", "commune_unknown", f"No commune has the INSEE code {new.commune!r}")
    if new.identity.ins is not None:
        _check_ins(new.identity.ins, new.identity_status)
    return communes[new.commune]


def _check_ins(matricule: str, status: IdentityStatus) -> None:
    if not looks_like_ins(matricule):
        raise field_problem("ins", "ins_invalid", "Fifteen characters with a key that holds")
    if status not in WITH_INS:
        raise field_problem(
            "ins", "ins_not_allowed", f"Only an identity that is {' or '.join(sorted(WITH_INS))} has one"
        )


def exists(patient_id: UUID | None) -> Problem:
    """409: this is somebody who is there."""
    return Problem(409, "patient_exists", "This patient is registered already", patient_id=patient_id)
