"""The background process: consumers of every event, and rebuilds. `python -m indicators.worker`."""

from datetime import timedelta

from indicators.consumers import SUBSCRIPTIONS
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.usecases.keep_months import keep_months
from indicators.usecases.run_rebuild import run_rebuild
from kit.clock import Clock
from kit.jobs import Job
from kit.worker import Worker

JOBS = (
    Job("rebuild-projections", timedelta(seconds=1), run_rebuild, again=True),
    Job("months-of-facts", timedelta(minutes=1), keep_months),
)


def worker(settings: IndicatorsSettings, clock: Clock | None = None) -> Worker:
    """The worker of this service."""
    return Worker(
        settings,
        migrations=MIGRATIONS,
        subscriptions=SUBSCRIPTIONS,
        jobs=JOBS,
        clock=clock,
    )


if __name__ == "__main__":
    worker(IndicatorsSettings()).run()
