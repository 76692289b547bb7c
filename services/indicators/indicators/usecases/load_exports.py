"""Read the schedules of exports and the axes of reports at start: a bad one stops the process, by file and field."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from indicators.domain.catalogue import Catalogue
from indicators.domain.exports import ExportRules
from indicators.domain.report import Axes
from indicators.domain.small_cells import SmallCells
from indicators.settings import IndicatorsSettings
from indicators.usecases.load_catalogue import Catalogues, at_start, catalogues_of
from indicators.usecases.load_small_cells import load_small_cells
from kit.runtime import OnStart, Runtime
from kit.territories import BadFileError, load_territories, load_yaml

EXPORTS = "exports"
_NONE = ExportRules(version="none")


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str


@dataclass(frozen=True)
class ExportBook:
    """What reports are made by: schedules, names, thresholds and catalogues of the territories, and the axes."""

    rules: dict[str, ExportRules]
    small_cells: dict[str, SmallCells]
    names: dict[str, str]
    catalogues: Catalogues
    axes: Axes

    def of(self, territory: str) -> ExportRules:
        """The rules of a territory; without a file it has no schedule, and exports by hand alone."""
        return self.rules.get(territory, _NONE)


def starting(settings: IndicatorsSettings) -> OnStart:
    """Puts catalogue and schedules into the runtime when a process starts. Raises BadFileError."""

    async def load(runtime: Runtime) -> None:
        await at_start(settings.catalogue_file)(runtime)
        runtime.extras[EXPORTS] = load_exports(settings, catalogues_of(runtime))

    return load


def load_exports(settings: IndicatorsSettings, catalogues: Catalogues) -> ExportBook:
    """The book of this deployment. Raises BadFileError."""
    folder = settings.territories_dir
    axes = load_yaml(settings.axes_file, Axes)
    placed = {it for axis in axes.axes for it in axis.indicators}
    if odd := sorted(placed ^ {it.id for it in catalogues.common.indicators}):
        raise BadFileError(f"{settings.axes_file}: axes: not both here and in the catalogue: {', '.join(odd)}")
    names = {slug: it.name for slug, it in load_territories(folder, "territory.yaml", _Named).items()}
    rules = load_territories(folder, "exports.yaml", ExportRules)
    for slug, said in rules.items():
        _check_campaigns(folder / slug / "exports.yaml", said, catalogues.of(slug))
    return ExportBook(rules, load_small_cells(folder), names, catalogues, axes)


def _check_campaigns(path: Path, rules: ExportRules, catalogue: Catalogue) -> None:
    for place, schedule in enumerate(rules.schedules):
        if schedule.campaign is not None and catalogue.campaigns.find(schedule.campaign) is None:
            raise BadFileError(f"{path}: schedules.{place}.campaign: campaigns.yaml has no {schedule.campaign!r}")
