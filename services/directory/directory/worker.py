"""The background process of the directory: imports, deliveries, lapses, lists. `python -m directory.worker`."""

from datetime import timedelta

from directory.consumers import OWN, together
from directory.consumers.on_any import relaying
from directory.domain.statements import StatementKinds
from directory.settings import MIGRATIONS, DirectorySettings
from directory.start import on_start
from directory.usecases.advance_import import Importer, advance_import
from directory.usecases.call_volunteers import call_volunteers
from directory.usecases.compare_national import compare_changed
from directory.usecases.count_acceptances import count_acceptances
from directory.usecases.count_self_employed import count_self_employed
from directory.usecases.deliver_email import Mailer
from directory.usecases.deliver_webhooks import Courier
from directory.usecases.forget_messages import forget_messages
from directory.usecases.index_communes import Communes
from directory.usecases.lapse_acceptances import lapse_acceptances
from directory.usecases.lapse_statements import lapse_statements
from directory.usecases.load_reference import Reference, read_relayed
from directory.usecases.means import Means
from directory.usecases.publish_list import publish_due
from directory.usecases.run_campaign import close_campaigns
from directory.usecases.send_publication import hand_on
from directory.usecases.tell_followed import tell_new_department
from directory.usecases.watch_deliveries import watch_deliveries
from directory.usecases.write_invitations import write_invitations
from kit.clock import Clock
from kit.jobs import Job
from kit.runtime import Runtime
from kit.work import Work
from kit.worker import Worker


class Importing:
    """The import job, which needs the files and codes of the running process."""

    _importer: Importer
    _kinds: StatementKinds

    def __init__(self, settings: DirectorySettings) -> None:
        self._settings = settings

    async def start(self, runtime: Runtime) -> None:
        await on_start(runtime)
        reference: Reference = runtime.extras["reference"]
        self._kinds = reference.statements
        self._importer = Importer(
            runtime.blobs,
            reference.nomenclature,
            Communes(),
            self._settings.import_batch,
            self._settings.import_gone_share,
            reference.finess,
        )

    async def compare(self, work: Work) -> int:
        return await compare_changed(work, self._kinds)

    async def lapse(self, work: Work) -> int:
        return await lapse_statements(work, self._kinds)

    async def run(self, work: Work) -> int:
        return await advance_import(work, self._importer)


class Delivering:
    """What brings messages to their recipients."""

    _runtime: Runtime
    _mailer: Mailer
    _courier: Courier

    def __init__(self, settings: DirectorySettings) -> None:
        self._settings = settings

    def start(self, runtime: Runtime) -> None:
        reference: Reference = runtime.extras["reference"]
        self._runtime, self._rules = runtime, reference.deliveries
        self._mailer = Mailer(self._settings, self._rules)
        self._courier = Courier(Means(runtime.keyring, reference, self._settings))

    def jobs(self) -> list[Job]:
        return [
            Job("deliver-email", timedelta(seconds=0.5), self._emails, again=True),
            Job("deliver-webhooks", timedelta(seconds=0.5), self._webhooks, again=True),
            Job("watch-deliveries", timedelta(seconds=15), watch_deliveries),
            Job("forget-messages", timedelta(hours=1), self._forget, again=True),
        ]

    async def _emails(self, _: Work) -> int:
        return await self._mailer.run(self._runtime)

    async def _webhooks(self, _: Work) -> int:
        return await self._courier.run(self._runtime)

    async def _forget(self, work: Work) -> int:
        return await forget_messages(work, self._rules)


class Freshness:
    """What keeps told things true: lapses, campaigns, lists of the quarter."""

    _runtime: Runtime
    _reference: Reference

    def __init__(self, settings: DirectorySettings) -> None:
        self._public_url = settings.public_url

    def start(self, runtime: Runtime) -> None:
        self._runtime, self._reference = runtime, runtime.extras["reference"]

    def jobs(self) -> list[Job]:
        return [
            Job("lapse-acceptances", timedelta(minutes=5), lapse_acceptances, again=True),
            Job("write-invitations", timedelta(minutes=1), self._write, again=True),
            Job("close-campaigns", timedelta(minutes=15), close_campaigns),
            Job("send-publications", timedelta(seconds=30), self._send, again=True),
            Job("call-volunteers", timedelta(seconds=5), self._call, again=True),
            Job("count-acceptances", timedelta(minutes=20), self._count),
            Job("count-self-employed", timedelta(minutes=20), self._count_workforce),
            Job("publish-lists", timedelta(minutes=15), self._publish, again=True),
        ]

    async def _write(self, work: Work) -> int:
        return await write_invitations(work, self._runtime.keyring, self._reference, self._public_url)

    async def _count_workforce(self, work: Work) -> int:
        return await count_self_employed(work, self._reference)

    async def _call(self, work: Work) -> int:
        return await call_volunteers(work, self._runtime.keyring, self._reference, self._public_url)

    async def _send(self, work: Work) -> int:
        return await hand_on(work, self._runtime.keyring, self._reference, self._public_url)

    async def _count(self, work: Work) -> int:
        return await count_acceptances(work, self._reference)

    async def _publish(self, work: Work) -> int:
        return await publish_due(work, self._reference, self._runtime.blobs)


def build(settings: DirectorySettings, clock: Clock | None = None) -> Worker:
    """The worker."""
    importing, freshness = Importing(settings), Freshness(settings)
    delivering = Delivering(settings)

    async def start(runtime: Runtime) -> None:
        await importing.start(runtime)
        delivering.start(runtime)
        freshness.start(runtime)

    return Worker(
        settings,
        migrations=MIGRATIONS,
        subscriptions=together((*OWN, *relaying(read_relayed(settings)))),
        jobs=[
            Job("import-rpps", timedelta(seconds=0.5), importing.run, again=True),
            Job("tell-followed", timedelta(seconds=30), tell_new_department, again=True),
            *freshness.jobs(),
            *delivering.jobs(),
            Job("compare-national", timedelta(seconds=30), importing.compare, again=True),
            Job("lapse-statements", timedelta(seconds=30), importing.lapse, again=True),
        ],
        on_start=start,
        clock=clock,
    )


if __name__ == "__main__":
    build(DirectorySettings()).run()
