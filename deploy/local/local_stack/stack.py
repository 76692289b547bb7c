"""The whole system as one object: `make run` and the tests start, kill and stop it the same way."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from kit.embedded.nats import EmbeddedNats
from kit.embedded.postgres import EmbeddedPostgres
from kit.embedded.process import Command, EmbeddedServerError, child_of_this_process
from local_stack import servers, state
from local_stack.environment import Environment, python
from local_stack.keys import Secrets
from local_stack.ports import SERVICES, Ports, StackError, free_ports_environment, require_free
from local_stack.processes import Child, Spec
from local_stack.readiness import not_ready
from local_stack.sample import load_sample
from local_stack.terminal import Silent, Terminal

_SERVERS = ("nats", "postgres")
START_TIMEOUT = 180.0
"""Seconds. A slow machine compiles everything at the first start."""


class Stack:
    """PostgreSQL, NATS, four services with their workers, the gateway; state in `run_dir`.

    `env` is the whole environment (variables of the README); servers it names are used, not started.
    Inside a test: `async with Stack.on_free_ports(tmp_path) as stack`.
    """

    def __init__(
        self, run_dir: Path, env: Mapping[str, str], *, sample: bool = True, terminal: Terminal | None = None
    ) -> None:
        self.run_dir = run_dir
        self.ports = Ports.from_environment(env)
        self.failure: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._env, self._sample = env, sample
        self._terminal = terminal or Silent()
        self._children: dict[str, Child] = {}
        self._report: state.Report | None = None
        self._lock: IO[str] | None = None

    @classmethod
    def on_free_ports(cls, run_dir: Path, *, sample: bool = False, **variables: str) -> "Stack":
        """A stack for a test, beside any other; `variables` are added to this process's environment."""
        return cls(run_dir, {**os.environ, **free_ports_environment(), **variables}, sample=sample)

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.gateway}"

    @property
    def report(self) -> state.Report:
        """URLs and pids. Raises StackError before the start."""
        if self._report is None:
            raise StackError("the stack has not started")
        return self._report

    async def __aenter__(self) -> "Stack":
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Returns when everything is ready and the sample is loaded. Raises StackError."""
        self._lock = state.lock(self.run_dir)
        environment = Environment(self._env, self.run_dir, self.ports, Secrets.load(self.run_dir))
        await self._require_free_ports(environment)
        state.fresh_logs(self.run_dir)
        try:
            postgres, nats = await self._start_servers(environment)
            await self._start_processes(environment, postgres, nats)
        except EmbeddedServerError as error:
            raise StackError(str(error)) from error
        if self._sample:
            await self._or_failure(load_sample(self.gateway_url, self.run_dir, self._terminal))
            # Twice: what one service had still to send when another was asked is applied by the second time.
            await self.wait_ready()
            await self.wait_ready()

    async def wait_ready(self, timeout: float = START_TIMEOUT) -> None:
        """Returns when every process is ready, the gateway last. Raises StackError with what is missing."""
        *others, gateway = self._children.values()
        await self._or_failure(asyncio.gather(*(child.wait_ready(timeout) for child in others)))
        await self._or_failure(gateway.wait_ready(timeout))

    async def kill(self, name: str) -> None:
        """`kill -9` of one process by its name in `stack.json`; the supervisor restarts it."""
        await self._child(name).kill()

    async def suspend(self, name: str) -> None:
        """Stops one process cleanly and keeps it stopped until `resume`."""
        await self._child(name).stop()

    def resume(self, name: str) -> None:
        """Starts again what `suspend` stopped."""
        self._child(name).start()

    async def stop(self) -> None:
        """In reverse order: the gateway, services and workers together, then the servers."""
        for tier in (("gateway",), set(self._children) - {"gateway", *_SERVERS}, _SERVERS):
            await asyncio.gather(*(self._children[name].stop() for name in tier if name in self._children))
        self._children.clear()
        if self._lock is not None:
            state.forget_report(self.run_dir)
            self._lock.close()
            self._lock = None

    def kill_all(self) -> None:
        """At once, without asking; for a second Ctrl-C."""
        for child in self._children.values():
            child.kill_group()

    async def _require_free_ports(self, environment: Environment) -> None:
        wanted = self.ports.by_variable(postgres=environment.starts_postgres, nats=environment.starts_nats)
        await asyncio.to_thread(require_free, wanted, 10.0 if state.was_killed(self.run_dir) else 0.0)

    async def _start_servers(self, environment: Environment) -> tuple[EmbeddedPostgres | None, EmbeddedNats | None]:
        postgres = servers.postgres_of(environment) if environment.starts_postgres else None
        nats = servers.nats_of(environment) if environment.starts_nats else None
        started = [
            self._start(servers.spec_of(name, server, environment))
            for name, server in (("postgres", postgres), ("nats", nats))
            if server is not None
        ]
        await self._or_failure(asyncio.gather(*(child.wait_ready(60) for child in started)))
        return postgres, nats

    async def _start_processes(
        self, environment: Environment, postgres: EmbeddedPostgres | None, nats: EmbeddedNats | None
    ) -> None:
        nats_urls = servers.nats_urls(environment, nats)
        database_urls = await servers.database_urls(environment, postgres)
        self._report = self._new_report(database_urls, nats_urls, postgres)
        for service in SERVICES:
            env = environment.of_service(service, database_urls[service], nats_urls[service])
            package = service.replace("-", "_")
            self._start(_service_spec(service, f"{package}.main", self.ports.services[service], env))
            self._start(_service_spec(f"{service}-worker", f"{package}.worker", self.ports.workers[service], env))
        self._start(_python_spec("gateway", ("gateway.main",), self.ports.gateway, environment.of_gateway()))
        await self.wait_ready()

    def _new_report(
        self, database_urls: dict[str, str], nats_urls: dict[str, str], postgres: EmbeddedPostgres | None
    ) -> state.Report:
        return state.Report(
            pid=os.getpid(),
            gateway_url=self.gateway_url,
            service_urls={name: f"http://127.0.0.1:{port}" for name, port in self.ports.services.items()},
            worker_urls={name: f"http://127.0.0.1:{port}" for name, port in self.ports.workers.items()},
            database_urls=database_urls,
            admin_database_url=postgres.url() if postgres else None,
            nats_url=nats_urls.get("admin", ""),
        )

    def _start(self, spec: Spec) -> Child:
        log = self.run_dir / "logs" / f"{spec.name}.log"
        child = Child(spec, self._terminal, log, on_change=self._changed, on_give_up=self._give_up)
        self._children[spec.name] = child
        child.start()
        return child

    def _changed(self) -> None:
        if self._report is not None:
            self._report.processes = {
                name: {"pid": child.pid, "restarts": child.restarts} for name, child in self._children.items()
            }
            self._report.write(self.run_dir)

    def _give_up(self, message: str) -> None:
        if not self.failure.done():
            self.failure.set_result(message)

    async def _or_failure(self, work: Awaitable[object]) -> None:
        """Waits for the work, or raises StackError as soon as a process is given up."""
        task = asyncio.ensure_future(work)
        try:
            waiting: set[asyncio.Future[Any]] = {task, self.failure}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if self.failure.done():
                raise StackError(self.failure.result())
            await task
        finally:
            task.cancel()

    def _child(self, name: str) -> Child:
        if name not in self._children:
            raise StackError(f"no process is called {name!r}; one of {', '.join(self._children)}")
        return self._children[name]


def _service_spec(name: str, module: str, port: int, env: Mapping[str, str]) -> Spec:
    return _python_spec(name, ("kit.launch", module), port, env)


def _python_spec(name: str, module: tuple[str, ...], port: int, env: Mapping[str, str]) -> Spec:
    """SIGKILL when the supervisor dies: everything is safe against it, and nothing may stay behind."""
    command = Command(python(*module), child_of_this_process(signal.SIGKILL))
    return Spec(name, lambda: command, lambda: not_ready(port), env)
