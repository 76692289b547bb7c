"""Words of group activities that a deployment's files say, for each territory, and names of professions."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from kit.territories import BadFileError, load_yaml
from pathways.domain.activities import Activities, WholeActivities
from pathways.domain.questionnaires import Questionnaire


class _Named(BaseModel):
    """The part of a territory's file that papers carry."""

    name: str


_FILE, _FOLDER = "activities.yaml", "questionnaires"


class _Nomenclature(BaseModel):
    """The part of the national nomenclature that attendance is told by: code of TRE_G15 -> label."""

    professions: dict[str, str]


def load_activities(territories: Path, reference: Path, slugs: Iterable[str]) -> Mapping[str, Activities]:
    """The common words with those of each territory that has a file of its own. Raises BadFileError."""
    common = load_yaml(reference / _FILE, WholeActivities)
    return {slug: _of_territory(common, territories / slug / _FILE) for slug in sorted(slugs)}


def load_questionnaires(
    territories: Path, reference: Path, slugs: Iterable[str]
) -> Mapping[str, Mapping[str, Questionnaire]]:
    """By territory and id: the common questionnaires, and those of its own folder, which come first."""
    common = read_questionnaires(reference)
    return {slug: common | read_questionnaires(territories / slug) for slug in sorted(slugs)}


def load_professions(reference: Path) -> Mapping[str, str]:
    """Code -> label of the professions that the directory knows. Raises BadFileError."""
    return load_yaml(reference / "nomenclature.yaml", _Nomenclature).professions


def territory_names(folder: Path, slugs: Iterable[str]) -> Mapping[str, str]:
    """Slug -> the name that papers carry. Raises BadFileError."""
    return {slug: load_yaml(folder / slug / "territory.yaml", _Named).name for slug in sorted(slugs)}


def read_questionnaires(folder: Path) -> dict[str, Questionnaire]:
    """Those of `reference` or of one territory, by id. Raises BadFileError."""
    found = {}
    for path in sorted((folder / _FOLDER).glob("*.yaml")):
        questionnaire = load_yaml(path, Questionnaire)
        if questionnaire.id != path.stem:
            raise BadFileError(f"{path}: id: is {questionnaire.id!r} but the file is {path.stem!r}")
        found[questionnaire.id] = questionnaire
    return found


def _of_territory(common: Activities, path: Path) -> Activities:
    if not path.exists():
        return common
    try:
        return WholeActivities.model_validate(common.with_own(load_yaml(path, Activities)).model_dump())
    except ValidationError as error:
        raise BadFileError(f"{path}: {'; '.join(item['msg'] for item in error.errors())}") from None
