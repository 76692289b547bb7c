"""Read the catalogue of indicators at start: a bad one stops the process with the name of the field."""

from pathlib import Path

from indicators.domain.catalogue import Catalogue
from kit.runtime import OnStart, Runtime
from kit.territories import load_yaml

CATALOGUE = "catalogue"


def load_catalogue(file: Path) -> Catalogue:
    """The catalogue that `file` holds. Raises BadFileError."""
    return load_yaml(file, Catalogue)


def at_start(file: Path) -> OnStart:
    """Puts the catalogue into the runtime when the process starts. Raises BadFileError."""

    async def load(runtime: Runtime) -> None:
        runtime.extras[CATALOGUE] = load_catalogue(file)

    return load
