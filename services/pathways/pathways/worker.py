"""The background process of pathways: bookings of the dispatch, steps in time. `python -m pathways.worker`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from kit.blobs import FolderBlobs
from kit.clock import Clock
from kit.crypto import Keyring
from kit.jobs import Job
from kit.territories import territory_slugs
from kit.work import Work
from kit.worker import Worker
from pathways.consumers import SUBSCRIPTIONS
from pathways.settings import MIGRATIONS, PathwaysSettings
from pathways.store.files import load_access_rules, load_advice_rules, load_hospital, load_retention_rules
from pathways.usecases.ask_visits import ask_visits
from pathways.usecases.erase_patient import erase_asked, erase_lapsed
from pathways.usecases.escalate_advice import JOB as ESCALATE_ADVICE
from pathways.usecases.escalate_advice import escalate_advice
from pathways.usecases.escalate_steps import escalate_steps
from pathways.usecases.follow_visit import lapse_visits
from pathways.usecases.keep_sheets import tell_visits
from pathways.usecases.load_matching import load_matching
from pathways.usecases.pause_enrolment import end_pauses
from pathways.usecases.propose_doctor import lapse_proposals
from pathways.usecases.raise_alarm import escalate_alarms, forget_messages
from pathways.usecases.raise_due import raise_due
from pathways.usecases.raise_overdue import raise_overdue
from pathways.usecases.remove_blobs import remove_blobs
from pathways.usecases.rotate_keys import rotate_keys
from pathways.usecases.seal_accesses import seal_accesses
from pathways.usecases.take_stay_lines import JOB as TAKE_STAY_LINES
from pathways.usecases.take_stay_lines import Rules, take_stay_lines
from pathways.usecases.withdraw_visits import withdraw_visits

_OFTEN = timedelta(seconds=0.5)
JOBS = {
    "raise-due-steps": raise_due,
    "raise-overdue-steps": raise_overdue,
    "escalate-steps": escalate_steps,
    "end-pauses": end_pauses,
    "withdraw-visits": withdraw_visits,
    "escalate-alarms": escalate_alarms,
}
"""Each in its own transaction, in batches, of all territories."""


def build(settings: PathwaysSettings, clock: Clock | None = None) -> Worker:
    """The worker."""

    def batched(run: Callable[[Work, int], Awaitable[int]]) -> Callable[[Work], Awaitable[int]]:
        return lambda work: run(work, settings.step_batch)

    keyring = Keyring.of(settings)

    async def rotate_master_keys(work: Work) -> int:
        return await rotate_keys(work, keyring, settings.key_batch)

    async def seal_new_accesses(work: Work) -> int:
        return await seal_accesses(work, keyring, settings.seal_batch)

    files = (settings.territories_dir, settings.reference_dir)
    territories = territory_slugs(settings.territories_dir)
    retention = load_retention_rules(*files, territories)
    advice_rules = load_advice_rules(*files, territories)

    async def escalate_questions(work: Work) -> int:
        return await escalate_advice(work, advice_rules, settings.step_batch)

    async def erase_patients(work: Work) -> int:
        return await erase_asked(work, keyring, retention, settings.erasure_batch)

    async def purge_lapsed(work: Work) -> int:
        return await erase_lapsed(work, keyring, retention, settings.erasure_batch)

    blobs = FolderBlobs(settings.blob_dir / settings.service)

    async def remove_files(work: Work) -> int:
        return await remove_blobs(work, blobs, settings.erasure_batch)

    async def ask_for_visits(work: Work) -> int:
        return await ask_visits(work, keyring, settings.step_batch)

    async def tell_days_of_visits(work: Work) -> int:
        return await tell_visits(work, settings.visit_batch)

    return Worker(
        settings,
        migrations=MIGRATIONS,
        subscriptions=SUBSCRIPTIONS,
        jobs=[
            Job("erase-patients", timedelta(seconds=5), erase_patients, again=True),
            Job("remove-files", timedelta(seconds=10), remove_files, again=True),
            Job("purge-what-lapsed", timedelta(hours=1), purge_lapsed, again=True),
            *(Job(name, _OFTEN, batched(run), again=True) for name, run in JOBS.items()),
            Job(ESCALATE_ADVICE, timedelta(seconds=1), escalate_questions, again=True),
            Job("ask-visits", _OFTEN, ask_for_visits, again=True),
            _take_stay_lines(settings, keyring),
            Job("lapse-visits", timedelta(seconds=60), batched(lapse_visits), again=True),
            Job("forget-alarm-messages", timedelta(minutes=10), batched(forget_messages), again=True),
            Job("seal-accesses", timedelta(seconds=60), seal_new_accesses, again=True),
            Job("rotate-master-keys", timedelta(seconds=30), rotate_master_keys, again=True),
            _lapse_doctor_proposals(settings),
            Job("tell-visits", timedelta(minutes=10), tell_days_of_visits, again=True),
        ],
        clock=clock,
    )


def _lapse_doctor_proposals(settings: PathwaysSettings) -> Job:
    folders = (settings.territories_dir, settings.reference_dir)
    matching = load_matching(*folders, territory_slugs(settings.territories_dir))
    run = partial(lapse_proposals, matching=matching, limit=settings.step_batch)
    return Job("lapse-doctor-proposals", timedelta(seconds=5), run, again=True)


def _take_stay_lines(settings: PathwaysSettings, keyring: Keyring) -> Job:
    files, territories = (settings.territories_dir, settings.reference_dir), territory_slugs(settings.territories_dir)
    rules = Rules(load_hospital(*files, territories), load_access_rules(*files, territories))
    run = partial(take_stay_lines, keyring=keyring, rules=rules, limit=settings.stay_batch)
    return Job(TAKE_STAY_LINES, _OFTEN, run, again=True)


if __name__ == "__main__":
    build(PathwaysSettings()).run()
