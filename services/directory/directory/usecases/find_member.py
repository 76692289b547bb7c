"""One member of the association, with the name opened."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from directory.store import members
from kit.crypto import Keyring
from kit.problems import or_404
from kit.work import Record, Work


@dataclass(frozen=True)
class MemberView:
    """A membership as it is shown. `name` comes from the register of the country, or is opened."""

    row: Record
    name: str | None
    fees: list[Record] | None = None

    def __getattr__(self, column: str) -> Any:
        try:
            return self.row[column]
        except KeyError:
            raise AttributeError(column) from None

    def stands_on(self, day: date) -> bool:
        return bool(self.row["joined_on"] <= day and (self.row["left_on"] is None or self.row["left_on"] > day))


def context_of(member_id: UUID) -> bytes:
    """What the sealed name of a member is bound to."""
    return f"member:{member_id}".encode()


def opened(row: Record, keyring: Keyring, member_id: UUID | None = None) -> str | None:
    """The name of a member, from a row with `name` (of the register) and `sealed`."""
    if row["sealed"] is None:
        return None if row["name"] is None else str(row["name"])
    return keyring.decrypt(row["sealed"], context_of(member_id or row["id"]))


async def find_member(work: Work, keyring: Keyring, member_id: UUID, *, lock: bool = False) -> MemberView:
    """Raises Problem 404."""
    row = or_404(await members.find(work, member_id, lock=lock), "member_unknown")
    return MemberView(row, opened(row, keyring))


async def show_member(work: Work, keyring: Keyring, member_id: UUID) -> MemberView:
    """With the fees paid. Raises Problem 404."""
    found = await find_member(work, keyring, member_id)
    return MemberView(found.row, found.name, await members.fees(work, member_id))
