"""Read the catalogue of indicators at start: a bad one stops the process with the name of the field."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from indicators.domain.campaigns import Campaigns
from indicators.domain.catalogue import Catalogue
from indicators.domain.context import Context
from indicators.domain.goals import Baseline
from indicators.domain.import_templates import ImportTemplate, ImportTemplates
from indicators.domain.territory_indicators import (
    BadStatementError,
    TerritoryIndicators,
    check_context,
    own_catalogue,
)
from kit.runtime import OnStart, Runtime
from kit.territories import BadFileError, load_territories, load_yaml

CATALOGUE, CATALOGUES = "catalogue", "catalogues"
OWN_FILE, CAMPAIGNS_FILE = "indicators.yaml", "campaigns.yaml"
_SAYS_NOTHING = TerritoryIndicators(version=1)


class _Place(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    communes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogues:
    """The catalogue as each territory follows it, what describes the territories, and what may be imported.

    `communes` of each territory; a territory whose communes are not known has none.
    """

    common: Catalogue
    context: Context
    templates: ImportTemplates
    own: dict[str, Catalogue]
    baselines: dict[str, dict[str, Baseline]]
    communes: dict[str, frozenset[str]]

    def of(self, territory: str) -> Catalogue:
        """That of a territory, which is the common one unless it says otherwise."""
        return self.own.get(territory, self.common)


def load_catalogue(file: Path) -> Catalogue:
    """The catalogue that `file` holds. Raises BadFileError."""
    return load_yaml(file, Catalogue)


def load_catalogues(file: Path, territories: Path) -> Catalogues:
    """The common catalogue, the files beside it, and what each territory says of it and when its campaigns are.

    Raises BadFileError.
    """
    common, context = load_catalogue(file), load_yaml(file.parent / "context.yaml", Context)
    templates = load_templates(file.parent / "imports", common, context)
    common = _with_sources(common, templates)
    found = load_territories(territories, OWN_FILE, TerritoryIndicators)
    return Catalogues(
        common=common,
        context=context,
        templates=templates,
        own=_own_catalogues(territories, common, context, found),
        baselines={slug: said.context for slug, said in found.items()},
        communes={
            slug: frozenset(said.communes)
            for slug, said in load_territories(territories, "territory.yaml", _Place).items()
        },
    )


def load_campaigns(territories: Path) -> dict[str, Campaigns]:
    """The campaigns of the territories that say some. Raises BadFileError."""
    return load_territories(territories, CAMPAIGNS_FILE, Campaigns)


def load_templates(folder: Path, common: Catalogue, context: Context) -> ImportTemplates:
    """What each file of the folder says of a source. Raises BadFileError."""
    found = {path: load_yaml(path, ImportTemplate) for path in sorted(folder.glob("*.yaml"))}
    for path, template in found.items():
        try:
            template.check(common, context, {it.id for it in found.values()})
        except ValueError as error:
            raise BadFileError(f"{path}: {error}") from None
    return ImportTemplates(tuple(found.values()))


def at_start(file: Path) -> OnStart:
    """Puts the catalogue into the runtime when the process starts. Raises BadFileError."""

    async def load(runtime: Runtime) -> None:
        catalogues = load_catalogues(file, runtime.settings.territories_dir)
        runtime.extras[CATALOGUE], runtime.extras[CATALOGUES] = catalogues.common, catalogues

    return load


def catalogues_of(runtime: Runtime) -> Catalogues:
    """What was loaded at the start."""
    catalogues: Catalogues = runtime.extras[CATALOGUES]
    return catalogues


def _with_sources(common: Catalogue, templates: ImportTemplates) -> Catalogue:
    told = (it.model_copy(update={"imported_from": templates.telling(it.id)}) for it in common.indicators)
    return common.model_copy(update={"indicators": tuple(told)})


def _own_catalogues(
    territories: Path, common: Catalogue, context: Context, found: dict[str, TerritoryIndicators]
) -> dict[str, Catalogue]:
    campaigns = load_campaigns(territories)
    return {
        slug: _own(territories / slug / OWN_FILE, common, context, found.get(slug, _SAYS_NOTHING)).model_copy(
            update={"campaigns": campaigns.get(slug, Campaigns())}
        )
        for slug in sorted(found.keys() | campaigns.keys())
    }


def _own(path: Path, common: Catalogue, context: Context, said: TerritoryIndicators) -> Catalogue:
    try:
        check_context(context, said)
        return own_catalogue(common, said)
    except BadStatementError as error:
        raise BadFileError(f"{path}: {error}") from None
