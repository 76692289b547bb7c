"""The lists that can be published: a name, columns, and the rows as they stand."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from directory.domain.as_of import paris_day
from directory.domain.publications import Column, ListRow
from directory.store import publications
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
        "valid_until": f"{row['valid_until']:%d/%m/%Y}",
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

LIST_KINDS = {kind.name: kind for kind in (ACCEPTING_DOCTORS,)}
