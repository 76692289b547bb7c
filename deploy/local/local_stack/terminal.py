"""What the person at the terminal sees. A reader that stopped reading never stops the stack."""

import os
import select
import sys
from contextlib import suppress

_COLOURS = (36, 33, 32, 35, 34, 31, 96, 93, 92, 95, 94)
_NAME_WIDTH = 19
_LINE_LIMIT = 4096
"""Bytes of a line shown (the file has it whole): a pipe takes this much at once or says that it is full."""


class Terminal:
    """Writes to a file descriptor, only when it has room: the whole of every line is in `.run/logs`."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = sys.stdout.fileno() if descriptor is None else descriptor
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLOUT)
        self._coloured = os.isatty(self._descriptor)
        self._names: dict[str, int] = {}

    def log(self, name: str, line: str) -> None:
        """One line of a process; dropped when nobody reads."""
        number = self._names.setdefault(name, len(self._names))
        prefix = f"{name:>{_NAME_WIDTH}} | "
        if self._coloured:
            prefix = f"\x1b[{_COLOURS[number % len(_COLOURS)]}m{prefix}\x1b[0m"
        self._write(prefix + line, patience=0)

    def say(self, line: str) -> None:
        """A line of the stack itself; waits up to a second for a reader."""
        self._write(line, patience=1000)

    def _write(self, line: str, patience: int) -> None:
        data = line.encode(errors="replace")[: _LINE_LIMIT - 1] + b"\n"
        with suppress(OSError):  # a terminal that is gone must not stop the stack
            if any(event & select.POLLOUT for _, event in self._poll.poll(patience)):
                os.write(self._descriptor, data)


class Terse(Terminal):
    """The stack's own lines, and no logs of processes: for who reads something else on the same terminal."""

    def log(self, name: str, line: str) -> None:
        """The file has it."""


class Silent(Terminal):
    """For stacks inside tests: the files are enough."""

    def __init__(self) -> None:
        super().__init__(2)

    def _write(self, line: str, patience: int) -> None:
        """Nothing is shown."""
