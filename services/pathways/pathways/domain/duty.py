"""On-call order (*tour d'astreinte partagée*): who is asked first, and who next when nobody answers."""

from collections.abc import Collection, Iterable
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


class DutyMember(BaseModel):
    """A professional of a group, and the days of the week on which they come first (1 is Monday)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rpps: str = Field(pattern=r"^[0-9]{11}$")
    weekdays: tuple[int, ...] = Field(default=EVERY_DAY, max_length=7, description="ISO: 1 is Monday, 7 Sunday")


def order(members: Iterable[DutyMember], absent: Collection[str], day: date) -> list[str]:
    """RPPS numbers: those of the day's rota in the order of the group, then the others. Nobody who is absent."""
    present = [it for it in members if it.rpps not in absent]
    first = [it.rpps for it in present if day.isoweekday() in it.weekdays]
    return first + [it.rpps for it in present if it.rpps not in first]


def following(turns: list[str], turn: int, absent: Collection[str]) -> int | None:
    """The next turn after this one, without those who are absent by now; None when nobody is left."""
    return next((number for number in range(turn + 1, len(turns)) if turns[number] not in absent), None)
