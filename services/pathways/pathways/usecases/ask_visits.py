"""Asks the dispatch for the visits that steps need (*étape et créneau*)."""

from contracts.pathways import StepVisitWanted
from kit.crypto import Keyring
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.professions import DOCTOR
from pathways.domain.template_step import NeededVisit, Step
from pathways.domain.visits import TO_DO, deadline, why_withdrawn
from pathways.store import patients, team, template_versions, visits
from pathways.store.seal import Seal
from pathways.usecases.show_patient import Patient, patient_of

JOB = "ask-visits"


async def ask_visits(work: Work, keyring: Keyring, limit: int) -> int:
    """One batch, of all territories, under the system role. Answers how many were looked at."""
    rows = await visits.wanted(work, limit)
    for row in rows:
        await _ask(work, keyring, row)
    return len(rows)


async def _ask(work: Work, keyring: Keyring, row: Record) -> None:
    spec = await template_versions.step_of(work, row["step_id"])
    patient = await _present(work, keyring, row)
    still = row["step_state"] in TO_DO and row["same_window"]
    if not (still and patient and spec and spec.needs_visit):
        # Nobody was told of it yet.
        why = why_withdrawn(row["step_state"], same_window=row["same_window"])
        await visits.end(work, row["id"], JOB, "withdrawn", why)
        return
    until = deadline(spec.needs_visit, row["due_at"], work.now)
    sensitive = await template_versions.is_sensitive(work, row["step_id"])
    told = await visits.asked(work, row["id"], JOB, until)
    wanted = _wanted(told, spec.needs_visit, patient, sensitive=sensitive, doctor=await _doctor(work, row, spec))
    work.emit(wanted, version=1, territory=row["territory"])


async def _present(work: Work, keyring: Keyring, row: Record) -> Patient | None:
    """None for one whose entry is put aside, or gone."""
    found = await patients.find(work, row["patient_id"])
    if found is None or found["sealed"] is None or found["restricted_at"] is not None:
        return None
    return patient_of(found, Seal(keyring, row["territory"]), local_day(work.now))


async def _doctor(work: Work, row: Record, spec: Step) -> str | None:
    """Who is asked first for a visit to a doctor."""
    if spec.needs_visit is None or spec.needs_visit.profession != DOCTOR:
        return None
    return await team.regular_doctor(work, row["territory"], row["patient_id"])


def _wanted(
    row: Record, need: NeededVisit, patient: Patient, *, sensitive: bool, doctor: str | None
) -> StepVisitWanted:
    return StepVisitWanted(
        visit_id=row["id"],
        attempt=row["attempt"],
        patient_ref=patient.ref,
        profession=need.profession,
        specialty=need.specialty,
        act=need.act,
        modes=need.modes,
        age_band=patient.age_band,
        commune=None if sensitive else patient.commune,
        department=patient.department if sensitive else None,
        deadline=row["deadline"],
        regular_doctor_rpps=doctor,
    )
