"""Plays the story on the stack that runs on `.run/`, or on one of its own for the length of the play."""

import asyncio
import os
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx

from local_stack.checkout import ROOT, run_dir
from local_stack.demo.play import Play, Teller
from local_stack.demo.story import ENOUGH, Outcome, play_story
from local_stack.ports import StackError
from local_stack.stack import Stack
from local_stack.state import read_report
from local_stack.terminal import Terse


async def run() -> Outcome:
    """Raises StackError with what was refused."""
    report = read_report(run_dir())
    if report is not None:
        return await play_on(report["gateway_url"], run_dir())
    print("no stack runs here: starting one for the demo")
    async with Stack(run_dir(), os.environ, terminal=Terse()) as stack:
        return await play_on(stack.gateway_url, run_dir())


async def play_on(gateway_url: str, folder: Path) -> Outcome:
    """The story on a stack that runs, whose state is in `folder`."""
    async with httpx.AsyncClient(base_url=gateway_url, timeout=30) as client:
        began = time.monotonic()
        outcome = await play_story(Play(client, folder, Teller(), run=uuid4().hex[:8]))
        print(f"\nplayed in {time.monotonic() - began:.0f} s")
    return outcome


def main() -> int:
    """Exit status 1 when something was refused, or fewer indicators moved than should."""
    os.chdir(ROOT)
    try:
        outcome = asyncio.run(run())
    except (StackError, httpx.HTTPError, TimeoutError) as error:
        print(f"make demo: {str(error) or type(error).__name__}", file=sys.stderr)
        return 1
    if len(outcome.moved) < ENOUGH:
        print(f"make demo: only {len(outcome.moved)} indicators moved, of at least {ENOUGH}", file=sys.stderr)
        return 1
    print("The line works from end to end.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
