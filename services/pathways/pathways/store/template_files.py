"""Pathways as the deployment's files write them: those that territories share, and each territory's own."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from kit.territories import BadFileError, load_yaml
from kit.yaml_text import parse_yaml
from pathways.domain.template import Template
from pathways.domain.template_codes import DispatchCodes, Known, Nomenclature, PathwayCodes, unknown_roles
from pathways.store.activity_files import read_questionnaires

Catalogue = Mapping[str, Mapping[str, Template]]
"""Territory -> id -> pathway."""
_Raw = dict[str, Any]
_CODES = "pathway-codes.yaml"


def load_codes(reference: Path) -> Known:
    """The codes that pathways may name. Raises BadFileError."""
    codes = load_yaml(reference / _CODES, PathwayCodes)
    nomenclature = load_yaml(reference / "nomenclature.yaml", Nomenclature)
    for role, wrong in unknown_roles(codes, nomenclature).items():
        raise BadFileError(f"{reference / _CODES}: roles.{role}.professions: no code {', '.join(wrong)}")
    dispatch = load_yaml(reference / "snp-codes.yaml", DispatchCodes)
    return Known(codes, nomenclature, dispatch, read_questionnaires(reference))


def load_catalogue(folder: Path, reference: Path, territories: Iterable[str]) -> Catalogue:
    """The pathways of each territory.

    `<slug>/pathways/<id>.yaml` is a whole pathway, or `extends: <id>` one of `reference/pathways` and says what
    differs. A shared one with `everywhere: true` is offered where no own file has its id. Raises BadFileError, which
    names the file and the field.
    """
    known = load_codes(reference)
    shared = {path: _read(path) for path in sorted((reference / "pathways").glob("*.yaml"))}
    # Also those that no territory extends yet must hold.
    for path, raw in shared.items():
        _template(path, raw, known)
    return {slug: _offered(folder / slug, shared, known) for slug in sorted(territories)}


def file_of(folder: Path, reference: Path, territory: str, id_: str) -> Path:
    """The file that says this pathway of a territory: its own, or the shared one."""
    own = folder / territory / "pathways" / f"{id_}.yaml"
    return own if own.exists() else reference / "pathways" / own.name


def _offered(folder: Path, shared: Mapping[Path, _Raw], known: Known) -> dict[str, Template]:
    """Of one territory, which may have questionnaires of its own."""
    known = replace(known, questionnaires={**known.questionnaires, **read_questionnaires(folder)})
    everywhere = {path.stem: _template(path, raw, known) for path, raw in shared.items() if raw.get("everywhere")}
    bases, paths = {path.stem: raw for path, raw in shared.items()}, sorted((folder / "pathways").glob("*.yaml"))
    own = {path.stem: _template(path, _extended(path, bases), known) for path in paths}
    return dict(sorted((everywhere | own).items()))


def _extended(path: Path, shared: Mapping[str, _Raw]) -> _Raw:
    raw = _read(path)
    base = raw.pop("extends", None)
    if base is None:
        return raw
    if base not in shared:
        raise BadFileError(f"{path}: extends: no shared pathway {base!r}")
    return _over(shared[base], raw)


def _over(base: _Raw, own: _Raw) -> _Raw:
    """What the territory says replaces what is shared; lists of things with a code are joined by code."""
    return base | {key: _joined(base[key], value) if key in base else value for key, value in own.items()}


def _joined(base: Any, own: Any) -> Any:
    if not (_coded(base) and _coded(own)):
        return _over(base, own) if isinstance(base, dict) and isinstance(own, dict) else own
    changes = {item["code"]: item for item in own}
    kept = [item | changes.pop(item["code"], {}) for item in base]
    return [*kept, *changes.values()]


def _coded(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(it, dict) and "code" in it for it in value)


def _template(path: Path, raw: _Raw, known: Known) -> Template:
    try:
        template = Template.model_validate({key: value for key, value in raw.items() if key != "everywhere"})
    except ValidationError as error:
        fields = "; ".join(f"{_place(item['loc'], raw)}: {item['msg']}" for item in error.errors())
        raise BadFileError(f"{path}: {fields}") from None
    if template.id != path.stem:
        raise BadFileError(f"{path}: id: is {template.id!r} but the file is {path.stem!r}")
    if complaint := next(known.unknown(template), None):
        raise BadFileError(f"{path}: {complaint}")
    return template


def _place(loc: tuple[int | str, ...], raw: _Raw) -> str:
    """The field, and which step: `steps.3 (first-course).to_days`."""
    names = [str(part) for part in loc]
    if len(loc) > 1 and loc[0] == "steps" and isinstance(loc[1], int):
        step = raw["steps"][loc[1]]
        code = step.get("code") if isinstance(step, dict) else None
        names[1:2] = [f"{loc[1]} ({code})"] if code else names[1:2]
    return ".".join(names)


def _read(path: Path) -> _Raw:
    try:
        raw = parse_yaml(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadFileError(f"{path}: {error}") from None
    if not isinstance(raw, dict):
        raise BadFileError(f"{path}: is no pathway")
    return raw
