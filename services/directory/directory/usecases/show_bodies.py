"""The bodies of the association: who sits, which seats are free, which mandates end soon."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from directory.domain.as_of import standing_day
from directory.domain.association import BOARD, BUREAU, Association
from directory.store import mandates
from directory.usecases.find_member import opened
from kit.crypto import Keyring
from kit.work import Record, Work


@dataclass(frozen=True)
class Holder:
    """Somebody who sits."""

    row: Record
    name: str | None
    ends_soon: bool


@dataclass(frozen=True)
class SeatCount:
    """Seats of a college on the board."""

    college: int
    label: str
    seats: int
    taken: int


@dataclass(frozen=True)
class Body:
    """One body as of a day."""

    code: str
    kind: str
    label: str
    seats: list[SeatCount]
    vacant_roles: list[str]
    holders: list[Holder]


async def show_bodies(
    work: Work, keyring: Keyring, rules: Association, *, until: datetime | None, soon_days: int
) -> tuple[date, list[Body]]:
    """The day, and every body of the rules as of it. `ends_soon`: within so many days of it."""
    day = standing_day(work.now, until)
    rows = await mandates.sitting(work, day, until)
    soon = day + timedelta(days=soon_days)
    bodies = []
    for code, kind in rules.bodies().items():
        held = [row for row in rows if row["body"] == code]
        holders = [Holder(row, opened(row, keyring, row["member_id"]), _before(row, soon)) for row in held]
        seats = _seats(rules, held) if code == BOARD else []
        vacant = [role for role in rules.bureau if role not in {row["role"] for row in held}] if code == BUREAU else []
        bodies.append(Body(code, kind, _label(rules, code), seats, vacant, holders))
    return day, bodies


def _before(row: Record, soon: date) -> bool:
    return row["ends_on"] is not None and row["ends_on"] <= soon


def _seats(rules: Association, held: list[Record]) -> list[SeatCount]:
    return [
        SeatCount(it.number, it.label, it.seats, sum(row["college"] == it.number for row in held))
        for it in rules.colleges
    ]


def _label(rules: Association, code: str) -> str:
    return {BOARD: "Conseil d'administration", BUREAU: "Bureau"}.get(code) or rules.commissions[code]
