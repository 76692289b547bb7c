"""`make run`: starts the stack, says `ready: <address>`, stays up until Ctrl-C or until a process cannot be kept alive.

LOAD_SAMPLE=no leaves the sample territory out.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from kit.embedded.process import die_with_parent
from local_stack.checkout import ROOT, run_dir
from local_stack.ports import StackError
from local_stack.stack import Stack
from local_stack.terminal import Terminal

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def run(terminal: Terminal) -> int:
    """The exit status: 0 after a signal, 1 after a failure, which is told in one line."""
    stop = asyncio.Event()
    try:
        sample = os.environ.get("LOAD_SAMPLE", "yes") != "no"
        stack = Stack(run_dir(), os.environ, sample=sample, terminal=terminal)
        _on_signals(stack, stop)
        await _until_stopped(stack, stop, terminal)
    except (StackError, OSError) as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    return 0


async def _until_stopped(stack: Stack, stop: asyncio.Event, terminal: Terminal) -> None:
    start = asyncio.create_task(stack.start())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({start, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            return
        await start
        terminal.say(f"ready: {stack.gateway_url}")
        ends: set[asyncio.Future[Any]] = {stopping, stack.failure}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if stack.failure.done():
            raise StackError(stack.failure.result())
    finally:
        start.cancel()
        stopping.cancel()
        await asyncio.gather(start, stopping, return_exceptions=True)
        terminal.say("stack: stopping")
        await stack.stop()


def _on_signals(stack: Stack, stop: asyncio.Event) -> None:
    """The first one stops in order, the next one at once."""

    def handle() -> None:
        if stop.is_set():
            stack.kill_all()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, handle)


def main() -> int:
    # Relative paths in the environment are meant from the root of the checkout.
    os.chdir(ROOT)
    # A `kill -9` of the `make` that started us must not leave us behind.
    if os.environ.get("MAKELEVEL"):
        die_with_parent(signal.SIGTERM)
    return asyncio.run(run(Terminal()))


if __name__ == "__main__":
    sys.exit(main())
