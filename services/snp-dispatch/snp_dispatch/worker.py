"""The background process of the dispatch: directory events, timers. `python -m snp_dispatch.worker`."""

from datetime import timedelta

from kit.clock import Clock
from kit.jobs import Job
from kit.runtime import Runtime
from kit.work import Work
from kit.worker import Worker
from snp_dispatch.consumers import subscriptions
from snp_dispatch.settings import MIGRATIONS, Settings
from snp_dispatch.store.rules import load_rules
from snp_dispatch.usecases.close_loops import close_loops
from snp_dispatch.usecases.escalate import begin_ladders
from snp_dispatch.usecases.fire_timers import fire_timers
from snp_dispatch.usecases.keep_hold import warn_holders
from snp_dispatch.usecases.keep_ladders import keep_ladders
from snp_dispatch.usecases.materialise import materialise
from snp_dispatch.usecases.pause_offer import expire_pauses
from snp_dispatch.usecases.read_calendars import Reader
from snp_dispatch.usecases.recall_lent import recall_lent
from snp_dispatch.usecases.refill import Refill
from snp_dispatch.usecases.release_slots import release_slots
from snp_dispatch.usecases.remind import set_reminders
from snp_dispatch.usecases.sweep import expire_calls, expire_holds, purge_contacts, purge_timers
from snp_dispatch.usecases.timed import handlers
from snp_dispatch.usecases.volunteer_offers import close_offers

SECOND = timedelta(seconds=1)


def build(settings: Settings, clock: Clock | None = None) -> Worker:
    """The worker. Raises BadFileError when a file of rules is wrong."""
    rules = load_rules(settings)
    refill, reader = Refill(rules), Reader(rules, local=settings.calendars_local)
    running: list[Runtime] = []

    async def on_start(runtime: Runtime) -> None:
        running[:] = [runtime]
        await keep_ladders(runtime.system, rules)

    async def make_slots(work: Work) -> int:
        return await materialise(work, rules)

    async def refill_waitlist(work: Work) -> int:
        return await refill.run(work, running[0].db)

    async def close(work: Work) -> int:
        return await close_loops(work, rules)

    async def begin_reminders(work: Work) -> int:
        return await set_reminders(work, rules)

    async def recall(work: Work) -> int:
        return await recall_lent(work, running[0].db, rules)

    async def read_due(work: Work) -> int:
        return await reader.run(work, running[0].db, running[0].keyring)

    async def fire_due(work: Work) -> int:
        return await fire_timers(work, running[0].db, handlers(rules))

    jobs = [
        Job("expire-holds", SECOND, expire_holds, again=True),
        Job("warn-holders", SECOND, warn_holders, again=True),
        Job("expire-calls", 5 * SECOND, expire_calls, again=True),
        Job("release-slots", SECOND, release_slots, again=True),
        Job("expire-pauses", SECOND, expire_pauses, again=True),
        Job("close-loops", 5 * SECOND, close, again=True),
        Job("materialise-availabilities", SECOND, make_slots, again=True),
        Job("begin-ladders", SECOND, begin_ladders, again=True),
        Job("set-reminders", SECOND, begin_reminders, again=True),
        Job("fire-timers", SECOND / 5, fire_due, again=True),
        Job("close-offers", SECOND, close_offers, again=True),
        Job("refill-waitlist", SECOND, refill_waitlist, again=True),
        Job("recall-lent", SECOND, recall, again=True),
        Job("read-busy-calendars", SECOND, read_due),
        Job("purge-contacts", timedelta(hours=1), purge_contacts),
        Job("purge-timers", timedelta(hours=1), purge_timers),
    ]
    return Worker(
        settings, migrations=MIGRATIONS, subscriptions=subscriptions(rules), jobs=jobs, on_start=on_start, clock=clock
    )


if __name__ == "__main__":
    build(Settings()).run()
