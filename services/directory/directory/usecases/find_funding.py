"""Shared funding: one computation with its lines and differences, the list, the files."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.french import euros, french_date, french_day
from directory.domain.publications import Column, Format, ListRow
from directory.store import funding
from directory.usecases.find_member import opened
from directory.usecases.load_reference import Reference
from directory.usecases.render_list import Sheet, render
from kit import rows
from kit.crypto import Keyring
from kit.problems import or_404
from kit.work import Record, Work


@dataclass(frozen=True)
class ShareLine:
    """What one member gets, was given by the edition before, and why. Euros."""

    member_id: UUID
    name: str | None
    rpps: str | None
    amount: Decimal
    before: Decimal | None
    exact: str
    slices: list[dict[str, Any]]


@dataclass(frozen=True)
class ShareView:
    """A computation with its lines and the rules it was made by."""

    row: Record
    terms: dict[str, Any]
    lines: list[ShareLine]


async def find_share(work: Work, share_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, funding.TABLE, share_id, lock=lock), "funding_share_unknown")


async def show_share(work: Work, keyring: Keyring, share_id: UUID) -> ShareView:
    """Raises Problem 404."""
    row = await find_share(work, share_id)
    lines = await funding.lines(work, share_id, row["replaces_id"])
    return ShareView(row, row["terms"], [_line(keyring, it) for it in lines])


async def list_shares(
    work: Work, *, pot: str | None, state: str | None, until: datetime | None, before: UUID | None, limit: int
) -> list[Record]:
    """The latest first, one more than `limit` when there are more; as they stood before `until` when given."""
    filters = [("pot = ?", pot), ("state = ?", state)]
    return await rows.listed(
        work, funding.TABLE, filters, latest_first=True, until=until, after=before, limit=limit + 1
    )


async def print_share(
    work: Work, keyring: Keyring, reference: Reference, share_id: UUID, wanted: Format
) -> tuple[Record, bytes]:
    """As CSV, XLSX or PDF. Raises Problem 404."""
    found = await show_share(work, keyring, share_id)
    columns = [
        Column("name", "Membre"),
        Column("explanation", "Calcul"),
        Column("amount", "Montant (€)"),
        *(
            [Column("before", "Version précédente (€)"), Column("difference", "Écart (€)")]
            if found.row["replaces_id"]
            else []
        ),
    ]
    lines = [ListRow(str(it.member_id), _cells(found, it)) for it in found.lines]
    row = found.row
    named = "projet" if row["number"] is None else f"n° {row['number']}, version {row['edition']}"
    day = french_day(paris_day(row["approved_at"] or row["changed_at"]))
    title = f"Répartition : {found.terms['pot']['label']}"
    period = f"du {french_date(row['from_on'])} au {french_date(row['to_on'])}"
    subtitle = f"{named}, {day} - total {euros(row['total'])} € {period}"
    sheet = Sheet(title, subtitle, reference.territories[work.territory].name, columns, lines)
    return row, (await asyncio.to_thread(render, sheet))[wanted]


def explained(terms: dict[str, Any], slices: list[dict[str, Any]], total: Decimal) -> str:
    """How the amount came about, in a sentence."""
    keys = terms["keys"]
    return " + ".join(
        f"{keys[it['key']]['label']} : {euros(total)} € x {it['share']} x {it['weight']}/{it['whole']} "
        f"({keys[it['key']]['unit']})"
        for it in slices
    )


def _line(keyring: Keyring, row: Record) -> ShareLine:
    return ShareLine(
        member_id=row["member_id"],
        name=opened(row, keyring, row["member_id"]),
        rpps=row["rpps"],
        amount=row["amount"] if row["amount"] is not None else Decimal("0.00"),
        before=row["before"],
        exact=row["exact"] or "0",
        slices=json.loads(row["slices"] or "[]"),
    )


def _cells(found: ShareView, it: ShareLine) -> dict[str, str]:
    before = it.before or Decimal("0.00")
    return {
        "name": it.name or str(it.member_id),
        "explanation": explained(found.terms, it.slices, found.row["total"]),
        "amount": euros(it.amount),
        "before": euros(before),
        "difference": euros(it.amount - before),
    }
