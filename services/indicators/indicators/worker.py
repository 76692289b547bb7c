"""The background process: consumers of every event, rebuilds, exports, files. `python -m indicators.worker`."""

from datetime import timedelta

from indicators.consumers import subscriptions
from indicators.domain.export_retention import ExportRetention
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.usecases.keep_months import keep_months
from indicators.usecases.load_catalogue import load_campaigns
from indicators.usecases.load_exports import EXPORTS, starting
from indicators.usecases.plan_exports import plan_exports
from indicators.usecases.purge_exports import load_retention, purge_exports
from indicators.usecases.remove_blobs import remove_blobs
from indicators.usecases.reseal_proofs import reseal_proofs
from indicators.usecases.run_export import Exporter
from indicators.usecases.run_rebuild import run_rebuild
from indicators.usecases.sum_months import sum_months
from kit.clock import Clock
from kit.jobs import Job
from kit.runtime import Runtime
from kit.work import Work
from kit.worker import Worker

REMOVALS, RESEALS, PURGES = 100, 10, 200
"""Files that are removed, proofs that are sealed anew, runs that give up their files, in one transaction."""
JOBS = (
    Job("rebuild-projections", timedelta(seconds=1), run_rebuild, again=True),
    Job("months-of-facts", timedelta(minutes=1), keep_months),
    Job("sum-months", timedelta(minutes=10), sum_months, again=True),
)


class Keeping:
    """The jobs on files, which need the store, the keys and the rules of the running process."""

    _runtime: Runtime
    _rules: dict[str, ExportRetention]

    def __init__(self, settings: IndicatorsSettings) -> None:
        self._settings = settings

    def start(self, runtime: Runtime) -> None:
        common, folder = self._settings.catalogue_file.parent, self._settings.territories_dir
        self._runtime, self._rules = runtime, load_retention(common, folder, runtime.territories)

    def jobs(self) -> tuple[Job, ...]:
        return (
            Job("purge-exports", timedelta(hours=1), self._purge, again=True),
            Job("remove-files", timedelta(minutes=1), self._remove, again=True),
            Job("reseal-proofs", timedelta(seconds=30), self._reseal, again=True),
        )

    async def _purge(self, work: Work) -> int:
        return await purge_exports(work, self._rules, PURGES)

    async def _remove(self, work: Work) -> int:
        return await remove_blobs(work, self._runtime.blobs, REMOVALS)

    async def _reseal(self, work: Work) -> int:
        return await reseal_proofs(work, self._runtime.keyring, self._runtime.blobs, RESEALS)


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
    exporting, keeping = Exporting(settings), Keeping(settings)

    async def start(runtime: Runtime) -> None:
        keeping.start(runtime)
        await exporting.start(runtime)

    return Worker(
        settings,
        migrations=MIGRATIONS,
        subscriptions=subscriptions(load_campaigns(settings.territories_dir)),
        jobs=(*JOBS, *exporting.jobs(), *keeping.jobs()),
        on_start=start,
        clock=clock,
    )


if __name__ == "__main__":
    worker(IndicatorsSettings()).run()
