"""FINESS+ JSON (ANS, since July 2026): the sites (`ege`) of a legal entity (`pmej`).

Keys differ in case between the published schema and the feed; a code is bare or stands in an object.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from directory.domain.finess_file import Read, RecordRefusedError, check_number, has_nul, iso_date
from directory.domain.projections import located
from directory.domain.rpps_file import Warned
from directory.domain.structures import Item

_OF_THE_SITE, _MAIN = "03", "01"
"""`usageAdresse` of the address of a site, `roleContact` of its switchboard."""
_INACTIVE = "I"


def entities(entity: object) -> list[Any]:
    """The sites of a legal entity, as they stand in the file."""
    found = _get(entity, "ege")
    return found if isinstance(found, list) else []


def read_site(entity: object, site: object) -> Read:
    """One site. Raises RecordRefusedError."""
    general = _get(site, "informationsGeneralesEGE")
    finess = _text(general, "numFinessEge") or ""
    check_number(finess)
    name = _text(general, "nomEgeLong") or _text(general, "nomEgeCourt")
    if name is None:
        raise RecordRefusedError("name_missing", "The structure has no name", "nomEgeLong", finess)
    address = _chosen(_get(site, "adresse"), "usageAdresse", _OF_THE_SITE)
    insee = _text(address, "cogCommune")
    point = _point(_get(address, "coordonneesGeographique"), insee or "")
    closed_on = iso_date(_text(general, "dateFermeture"))
    facts: dict[str, str | float | bool | None] = {
        "name": name,
        "legal_entity": _text(_get(entity, "informationsGeneralesPMEJ"), "numFinessPm"),
        "insee": insee,
        "postal_code": _text(address, "codePostal"),
        "city": _text(address, "ligneAcheminement"),
        "street": " ".join(filter(None, (_text(address, key) for key in _STREET))) or None,
        "phone": _phone(_get(site, "contact")),
        "category": _code(site, "categorieEntiteGeographiqueExercice"),
        "siret": _text(general, "siret") or _text(site, "siret"),
        "opened_on": iso_date(_text(general, "dateOuverture")),
        "closed_on": closed_on,
        "listed": _code(site, "etatObjet") != _INACTIVE,
        "latitude": point[0] if point else None,
        "longitude": point[1] if point else None,
    }
    item = Item("site", finess, facts)
    if has_nul(item):
        raise RecordRefusedError("control_character", "The site holds a NUL character", finess=finess)
    return Read(item, None if point or not _numbers(address) else Warned("coordinates_elsewhere", None, _ELSEWHERE))


_STREET = ("numeroVoie", "typeVoie", "libelleVoie", "complementVoie")
_ELSEWHERE = "No pair of its coordinates lies in its part of France"


def _get(value: object, key: str) -> Any:
    if not isinstance(value, Mapping):
        return None
    if key in value:
        return value[key]
    wanted = key.lower()
    return next((found for name, found in value.items() if str(name).lower() == wanted), None)


def _text(value: object, key: str) -> str | None:
    found = _get(value, key)
    return str(found).strip() or None if isinstance(found, str | int | float) else None


def _code(value: object, key: str) -> str | None:
    """A code that is bare, or stands in an object as `code`."""
    return _text(value, key) or _text(_get(value, key), "code")


def _chosen(values: object, key: str, code: str) -> Any:
    """The one of a list that has this code."""
    if not isinstance(values, list):
        return None
    return next((value for value in values if _code(value, key) == code), None)


def _phone(contacts: object) -> str | None:
    for contact in contacts if isinstance(contacts, list) else []:
        if _code(_get(contact, "typeContact"), "roleContact") == _MAIN:
            return _text(_get(contact, "telecom"), "telephone")
    return None


def _numbers(address: object) -> list[tuple[float, float]]:
    coordinates = _get(address, "coordonneesGeographique")
    return list(_pairs(coordinates))


def _point(coordinates: object, insee: str) -> tuple[float, float] | None:
    point = located(list(_pairs(coordinates)), insee)
    return (round(point[0], 6), round(point[1], 6)) if point else None


def _pairs(coordinates: object) -> Iterator[tuple[float, float]]:
    for names in (("coordonneeX", "coordonneeY"), ("directionLatitude", "directionLongitude")):
        try:
            first, second = (float(_text(coordinates, name) or "") for name in names)
        except ValueError:
            continue
        yield first, second
