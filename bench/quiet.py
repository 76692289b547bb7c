"""What others took of the machine while something was measured.

A virtual machine stands still while its host serves other guests: the slowest of fifty calls a second are then those
that wait for it. So a latency is measured in more rounds than are counted, and those count in which
the others took the least; what they took stands beside the figure.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Generic, TypeVar

_STAT = Path("/proc/stat")
_STEAL = 7
"""Place of the time that the host gave to other guests (proc(5))."""

T = TypeVar("T")


@dataclass(frozen=True)
class Quietest(Generic[T]):
    """The rounds that count, and the percentage of the processors that others took in them and in all rounds."""

    rounds: list[T]
    stolen: float
    stolen_in_all: float


async def quietest(
    measure: Callable[[], Awaitable[T]], settled: Callable[[], Awaitable[None]], rounds: int, counted: int
) -> Quietest[T]:
    """Measures so many rounds, each once all is settled; the counted ones are those in which others took the least."""
    found = []
    for _ in range(rounds):
        await settled()
        before = _ticks()
        result = await measure()
        found.append((_stolen(before, _ticks()), result))
    kept = sorted(found, key=lambda it: it[0])[:counted]
    return Quietest([result for _, result in kept], mean(it[0] for it in kept), mean(it[0] for it in found))


def _ticks() -> list[int]:
    """Ticks of all processors by what they were used for; nothing where the system does not say."""
    if not _STAT.exists():
        return []
    return [int(it) for it in _STAT.read_text().splitlines()[0].split()[1:9]]


def _stolen(before: list[int], after: list[int]) -> float:
    spent = [late - early for early, late in zip(before, after, strict=True)]
    return 100 * spent[_STEAL] / sum(spent) if sum(spent) else 0.0
