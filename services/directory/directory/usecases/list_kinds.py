"""The lists that can be published: a name, columns, and the rows as they stand.

The common directory of resources (*répertoire commun des ressources*, projet de santé, fiche 2.1) goes out whole, and
oncology, with which it began, as a list of its own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from directory.domain.as_of import paris_day
from directory.domain.french import french_date
from directory.domain.publications import Column, ListRow
from directory.store import communes, publications
from directory.usecases.list_entries import resources_that_hold
from directory.usecases.load_reference import Reference
from kit.work import Record, Work

RowsOf = Callable[[Work, Reference], Awaitable[Sequence[ListRow]]]


@dataclass(frozen=True)
class ListKind:
    """`rows` gives what stands at `work.now` on `work.territory`, in the order in which it is printed.

    The first column names the entry. `quarterly`: published by itself on the territory's day.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: RowsOf
    quarterly: bool = False


async def _accepting_doctors(work: Work, reference: Reference) -> list[ListRow]:
    communes = reference.territories[work.territory].communes
    found = await publications.accepting_doctors(work, paris_day(work.now), communes)
    return [ListRow(row["rpps"], _doctor(row, work.territory, reference)) for row in found]


def _doctor(row: Record, territory: str, reference: Reference) -> dict[str, str]:
    known, labels = reference.nomenclature, reference.acceptance[territory].labels
    specialties = [known.specialties[code].label for code in row["specialties"] if code in known.specialties]
    return {
        "name": row["name"],
        "specialty": ", ".join(specialties) or known.professions.get(row["profession"], row["profession"]),
        "commune": row["city"] or "",
        "address": " ".join(filter(None, (row["street"], row["postal_code"]))),
        "phone": row["phone"] or "",
        "capacity": "" if row["capacity"] is None else str(row["capacity"]),
        "patients": ", ".join(labels.get(code, code) for code in row["patients"]) or "Tous",
        "valid_until": french_date(row["valid_until"]),
    }


ACCEPTING_DOCTORS = ListKind(
    name="accepting-doctors",
    title="Médecins qui acceptent de nouveaux patients",
    columns=(
        Column("name", "Médecin"),
        Column("specialty", "Spécialité"),
        Column("commune", "Commune"),
        Column("address", "Adresse"),
        Column("phone", "Téléphone"),
        Column("capacity", "Places"),
        Column("patients", "Pour qui"),
        Column("valid_until", "Valable jusqu'au"),
    ),
    rows=_accepting_doctors,
    quarterly=True,
)


async def _resources(work: Work, reference: Reference, theme: str | None = None) -> list[ListRow]:
    found = await resources_that_hold(work, theme=theme)
    served = sorted({code for row in found for code in row["communes"]})
    names = {row["insee"]: row["name"] for row in await communes.several(work, served)}
    return [ListRow(str(row["id"]), _resource(row, reference, names)) for row in found]


def _resource(row: Record, reference: Reference, names: Mapping[str, str]) -> dict[str, str]:
    codes = reference.codes
    said = ("name", "purpose", "public", "phone", "email", "website", "opening", "referral", "finess", "rpps")
    return {name: row[name] or "" for name in said} | {
        "kind": codes.resource_kinds.get(row["kind"], row["kind"]),
        "themes": ", ".join(codes.themes.get(code, code) for code in row["themes"]),
        "communes": ", ".join(names.get(code, code) for code in row["communes"]) or "Tout le territoire",
        "attested_on": french_date(paris_day(row["attested_at"])),
        "valid_until": french_date(row["valid_until"]),
    }


_RESOURCE_COLUMNS = (
    Column("name", "Ressource", 3),
    Column("kind", "Nature"),
    Column("themes", "Thèmes"),
    Column("purpose", "Pour quoi", 4),
    Column("public", "Pour qui"),
    Column("communes", "Communes desservies"),
    Column("phone", "Téléphone"),
    Column("email", "Courriel"),
    Column("website", "Site", 0),
    Column("opening", "Horaires"),
    Column("referral", "Comment orienter", 3),
    Column("finess", "FINESS", 0),
    Column("rpps", "RPPS", 0),
    Column("attested_on", "Vérifié le", 0),
    Column("valid_until", "Valable jusqu'au"),
)

SHARED_RESOURCES = ListKind(
    name="shared-resources",
    title="Répertoire commun des ressources",
    columns=_RESOURCE_COLUMNS,
    rows=_resources,
    quarterly=True,
)

ONCOLOGY_RESOURCES = ListKind(
    name="shared-resources-oncology",
    title="Répertoire commun des ressources : cancérologie",
    columns=_RESOURCE_COLUMNS,
    rows=partial(_resources, theme="oncology"),
)

LIST_KINDS = {kind.name: kind for kind in (ACCEPTING_DOCTORS, SHARED_RESOURCES, ONCOLOGY_RESOURCES)}
