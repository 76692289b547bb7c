"""The territories that a deployment serves: one folder each, known by its slug."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kit.yaml_text import parse_yaml

M = TypeVar("M", bound=BaseModel)


class BadFileError(Exception):
    """A configuration file is refused; the message names the file and the field."""


def territory_slugs(folder: Path) -> frozenset[str]:
    """Names of the folders that hold a `territory.yaml`. Raises BadFileError when there is none."""
    slugs = frozenset(path.parent.name for path in folder.glob("*/territory.yaml"))
    if not slugs:
        raise BadFileError(f"{folder}: no territory (a folder with territory.yaml)")
    return slugs


def load_yaml(path: Path, model: type[M]) -> M:
    """Reads one file with the production model. Raises BadFileError."""
    try:
        return model.model_validate(parse_yaml(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadFileError(f"{path}: no such file") from None
    except yaml.YAMLError as error:
        raise BadFileError(f"{path}: {error}") from None
    except ValidationError as error:
        fields = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise BadFileError(f"{path}: {fields}") from None


def load_territories(folder: Path, filename: str, model: type[M]) -> dict[str, M]:
    """`filename` of every territory that has it, by slug. Raises BadFileError."""
    return {
        slug: load_yaml(folder / slug / filename, model)
        for slug in sorted(territory_slugs(folder))
        if (folder / slug / filename).exists()
    }
