"""The web process of the dispatch: `python -m snp_dispatch.main`."""

from fastapi import FastAPI

from kit.app import create_app, serve
from kit.clock import Clock
from kit.runtime import Runtime
from snp_dispatch.api import (
    assignments,
    availabilities,
    bookings,
    bulletins,
    busy_calendars,
    calendars,
    calls,
    closures,
    compensations,
    desk,
    dry_runs,
    effectors,
    escalation,
    events,
    explanations,
    grants,
    holds,
    overbookings,
    policies,
    quotas,
    slots,
    volunteers,
    waitlist,
)
from snp_dispatch.consumers import subscriptions
from snp_dispatch.settings import MIGRATIONS, Settings
from snp_dispatch.store.rules import load_rules
from snp_dispatch.usecases.keep_ladders import keep_ladders
from snp_dispatch.usecases.status_feed import StatusFeed

ROUTERS = (
    calls.router,
    holds.router,
    bookings.router,
    slots.router,
    availabilities.router,
    effectors.router,
    calendars.router,
    busy_calendars.router,
    quotas.router,
    explanations.router,
    policies.router,
    assignments.router,
    dry_runs.router,
    waitlist.router,
    bulletins.router,
    desk.router,
    events.router,
    escalation.router,
    grants.router,
    closures.router,
    compensations.router,
    volunteers.router,
    overbookings.router,
)


def build(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The application. Raises BadFileError when a file of rules is wrong."""
    rules = load_rules(settings)

    async def on_start(runtime: Runtime) -> None:
        runtime.extras["rules"] = rules
        runtime.extras["feed"] = feed = StatusFeed(runtime.system)
        for database in (runtime.db, runtime.system):
            database.on_commit(feed.wake)
        runtime.on_stop.append(feed.stop)
        await keep_ladders(runtime.system, rules)

    return create_app(
        settings,
        title="Dispatch of unscheduled care",
        description="Slots, calls, holds and bookings of unscheduled care (soins non programmés, SNP).",
        routers=ROUTERS,
        migrations=MIGRATIONS,
        subscriptions=subscriptions(rules),
        on_start=on_start,
        clock=clock,
    )


if __name__ == "__main__":
    settings = Settings()
    serve(build(settings), settings)
