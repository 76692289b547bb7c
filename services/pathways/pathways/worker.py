"""The background process of pathways: bookings of the dispatch, overdue steps. `python -m pathways.worker`."""

from datetime import timedelta

from kit.clock import Clock
from kit.crypto import Keyring
from kit.jobs import Job
from kit.work import Work
from kit.worker import Worker
from pathways.consumers import SUBSCRIPTIONS
from pathways.main import MIGRATIONS
from pathways.settings import PathwaysSettings
from pathways.usecases.raise_overdue import raise_overdue
from pathways.usecases.rotate_keys import rotate_keys
from pathways.usecases.seal_accesses import seal_accesses


def build(settings: PathwaysSettings, clock: Clock | None = None) -> Worker:
    """The worker."""

    async def raise_overdue_steps(work: Work) -> int:
        return await raise_overdue(work, settings.overdue_batch)

    keyring = Keyring.parse(settings.encryption_keys.get_secret_value(), settings.blind_index_key.get_secret_value())

    async def rotate_master_keys(work: Work) -> int:
        return await rotate_keys(work, keyring, settings.key_batch)

    async def seal_new_accesses(work: Work) -> int:
        return await seal_accesses(work, keyring, settings.seal_batch)

    return Worker(
        settings,
        migrations=MIGRATIONS,
        subscriptions=SUBSCRIPTIONS,
        jobs=[
            Job("raise-overdue-steps", timedelta(seconds=0.5), raise_overdue_steps, again=True),
            Job("seal-accesses", timedelta(seconds=60), seal_new_accesses, again=True),
            Job("rotate-master-keys", timedelta(seconds=30), rotate_master_keys, again=True),
        ],
        clock=clock,
    )


if __name__ == "__main__":
    build(PathwaysSettings()).run()
