"""The background process: consumers of every event, rebuilds and exports. `python -m indicators.worker`."""

from datetime import timedelta

from indicators.consumers import subscriptions
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.usecases.keep_months import keep_months
from indicators.usecases.load_catalogue import load_campaigns
from indicators.usecases.load_exports import EXPORTS, starting
from indicators.usecases.plan_exports import plan_exports
from indicators.usecases.run_export import Exporter
from indicators.usecases.run_rebuild import run_rebuild
from kit.clock import Clock
from kit.jobs import Job
from kit.runtime import Runtime
from kit.work import Work
from kit.worker import Worker

JOBS = (
    Job("rebuild-projections", timedelta(seconds=1), run_rebuild, again=True),
    Job("months-of-facts", timedelta(minutes=1), keep_months),
)


class Exporting:
    """The jobs of exports, which need the schedules and the files of the running process."""

    _runtime: Runtime

    def __init__(self, settings: IndicatorsSettings) -> None:
        self._load, self._exporter = starting(settings), Exporter(settings)

    async def start(self, runtime: Runtime) -> None:
        await self._load(runtime)
        self._runtime = runtime

    def jobs(self) -> tuple[Job, ...]:
        return (
            Job("plan-exports", timedelta(seconds=30), self._plan),
            Job("run-exports", timedelta(seconds=1), self._run, again=True),
        )

    async def _plan(self, work: Work) -> int:
        return await plan_exports(work, self._runtime.extras[EXPORTS])

    async def _run(self, _: Work) -> int:
        return await self._exporter.run(self._runtime)


def worker(settings: IndicatorsSettings, clock: Clock | None = None) -> Worker:
    """The worker of this service."""
    exporting = Exporting(settings)
    return Worker(
        settings,
        migrations=MIGRATIONS,
        subscriptions=subscriptions(load_campaigns(settings.territories_dir)),
        jobs=(*JOBS, *exporting.jobs()),
        on_start=exporting.start,
        clock=clock,
    )


if __name__ == "__main__":
    worker(IndicatorsSettings()).run()
