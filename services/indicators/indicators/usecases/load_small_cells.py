"""Read from how many patients on each territory shows a number of them, at start."""

from pathlib import Path

from indicators.domain.small_cells import SmallCells
from kit.runtime import OnStart, Runtime
from kit.territories import load_territories

SMALL_CELLS = "small_cells"
_FILE = "small-cells.yaml"


def load_small_cells(territories: Path) -> dict[str, SmallCells]:
    """By territory; one without the file has the usual threshold. Raises BadFileError."""
    return load_territories(territories, _FILE, SmallCells)


def at_start(territories: Path, *others: OnStart) -> OnStart:
    """Puts the thresholds into the runtime when the process starts, after `others`. Raises BadFileError."""

    async def load(runtime: Runtime) -> None:
        for other in others:
            await other(runtime)
        runtime.extras[SMALL_CELLS] = load_small_cells(territories)

    return load
