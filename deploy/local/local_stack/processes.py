"""One supervised process: started, watched, restarted with back-off, stopped."""

import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kit.embedded.process import Command, EmbeddedServerError
from local_stack.ports import StackError
from local_stack.terminal import Terminal

MAX_DEATHS, WINDOW = 8, 60.0
"""So many deaths of one process within so many seconds end the stack."""
_FIRST_DELAY, _LONGEST_DELAY = 0.25, 8.0


@dataclass(frozen=True)
class Spec:
    """What to run. `prepare` runs before every start, in a thread; `not_ready` tells what is missing."""

    name: str
    command: Callable[[], Command]
    not_ready: Callable[[], Awaitable[str | None]]
    env: Mapping[str, str]
    prepare: Callable[[], None] | None = None
    grace: float = 15.0


class Child:
    """A process that is kept alive until `stop`. `on_change` is told of every new pid, `on_give_up` of the end."""

    def __init__(
        self,
        spec: Spec,
        terminal: Terminal,
        log: Path,
        on_change: Callable[[], None],
        on_give_up: Callable[[str], None],
    ) -> None:
        self.spec = spec
        self.restarts = 0
        self._terminal, self._log = terminal, log
        self._on_change, self._on_give_up = on_change, on_give_up
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._deaths: deque[float] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and alive else None

    def start(self) -> None:
        """Begins to keep the process alive."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._keep_alive(), name=self.spec.name)

    async def wait_ready(self, timeout: float) -> None:
        """Raises StackError with what is missing after `timeout` seconds."""
        end, missing, pause = time.monotonic() + timeout, "not started", 0.02
        while True:
            if self.pid is not None:
                missing = await self.spec.not_ready() or ""
                if not missing:
                    return
            if time.monotonic() > end:
                raise StackError(f"{self.spec.name} is not ready after {timeout:.0f} s: {missing}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, 0.5)  # many starting processes share few cores with the questions

    async def kill(self) -> None:
        """`kill -9`, and waits until the process is gone. It is restarted as after any death."""
        process = self._process
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def stop(self) -> None:
        """Asks it to stop, insists after the grace time; returns when it is gone."""
        self._stopping.set()
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(self.spec.command().stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.spec.grace)
            except TimeoutError:
                self._terminal.say(f"stack: {self.spec.name} did not stop in {self.spec.grace:.0f} s and is killed")
                self.kill_group()
        if self._task is not None:
            await self._task

    def kill_group(self) -> None:
        """The process and what it may have started."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def _keep_alive(self) -> None:
        try:
            while not self._stopping.is_set():
                status = await self._run_once()
                if self._stopping.is_set():
                    return
                await self._pause_after_death(status)
                self.restarts += 1
        except (EmbeddedServerError, StackError, OSError) as error:
            self._on_give_up(f"{self.spec.name}: {error}")

    async def _run_once(self) -> int:
        """Starts it and waits for its end; returns its status."""
        if self.spec.prepare is not None:
            await asyncio.to_thread(self.spec.prepare)
        if self._stopping.is_set():
            return 0
        command = self.spec.command()
        # Forked from the main thread, which lives as long as we do: the death signal follows the thread.
        self._process = await asyncio.create_subprocess_exec(
            *command.argv,
            env={**self.spec.env, **command.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=command.prepare_child,
        )
        if self._stopping.is_set():  # asked to stop while it was being born
            self._process.kill()
        self._on_change()
        pump = asyncio.create_task(self._pump(self._process))
        status = await self._process.wait()
        with suppress(TimeoutError):  # a process of its own that outlives it may keep the pipe open
            await asyncio.wait_for(pump, 1)
        self._on_change()
        return status

    async def _pause_after_death(self, status: int) -> None:
        now = time.monotonic()
        self._deaths.append(now)
        while now - self._deaths[0] > WINDOW:
            self._deaths.popleft()
        if len(self._deaths) >= MAX_DEATHS:
            raise StackError(f"died {MAX_DEATHS} times within {WINDOW:.0f} s ({_words(status)}); see {self._log}")
        delay = min(_FIRST_DELAY * 2 ** (len(self._deaths) - 1), _LONGEST_DELAY)
        self._terminal.say(f"stack: {self.spec.name} {_words(status)}, restarting in {delay:g} s")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), delay)

    async def _pump(self, process: asyncio.subprocess.Process) -> None:
        """Copies its output, line by line, to its file and the terminal."""
        if process.stdout is None:
            return
        rest = b""
        with self._log.open("ab") as file:
            while chunk := await process.stdout.read(65536):
                file.write(chunk)
                file.flush()
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._terminal.log(self.spec.name, line.decode(errors="replace"))
            if rest:
                self._terminal.log(self.spec.name, rest.decode(errors="replace"))


def _words(status: int) -> str:
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"exited with status {status}"
