"""Read the schedules of exports and the axes of reports at start: a bad one stops the process, by file and field."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from indicators.domain.catalogue import Catalogue
from indicators.domain.exports import ExportRules
from indicators.domain.report import Axes
from indicators.settings import IndicatorsSettings
from indicators.usecases.load_catalogue import CATALOGUE, at_start
from kit.runtime import OnStart, Runtime
from kit.territories import BadFileError, load_territories, load_yaml

EXPORTS = "exports"
_NONE = ExportRules(version="none")


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str


@dataclass(frozen=True)
class ExportBook:
    """What reports are made by: schedules and names of the territories, the catalogue and its axes."""

    rules: dict[str, ExportRules]
    names: dict[str, str]
    catalogue: Catalogue
    axes: Axes

    def of(self, territory: str) -> ExportRules:
        """The rules of a territory; without a file it has no schedule, and exports by hand alone."""
        return self.rules.get(territory, _NONE)


def starting(settings: IndicatorsSettings) -> OnStart:
    """Puts catalogue and schedules into the runtime when a process starts. Raises BadFileError."""

    async def load(runtime: Runtime) -> None:
        await at_start(settings.catalogue_file)(runtime)
        runtime.extras[EXPORTS] = load_exports(settings, runtime.extras[CATALOGUE])

    return load


def load_exports(settings: IndicatorsSettings, catalogue: Catalogue) -> ExportBook:
    """The book of this deployment. Raises BadFileError."""
    folder = settings.territories_dir
    axes = load_yaml(settings.axes_file, Axes)
    placed = {it for axis in axes.axes for it in axis.indicators}
    if odd := sorted(placed ^ {it.id for it in catalogue.indicators}):
        raise BadFileError(f"{settings.axes_file}: axes: not both here and in the catalogue: {', '.join(odd)}")
    names = {slug: it.name for slug, it in load_territories(folder, "territory.yaml", _Named).items()}
    return ExportBook(load_territories(folder, "exports.yaml", ExportRules), names, catalogue, axes)
