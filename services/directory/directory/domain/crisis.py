"""When somebody may take a shift of a roster."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

SignUpState: TypeAlias = Literal["signed", "withdrawn", "present", "absent"]
Refusal: TypeAlias = Literal["shift_cancelled", "shift_over", "profession_not_wanted", "shift_full", "already_on_duty"]

MESSAGES: dict[Refusal, str] = {
    "shift_cancelled": "The shift was cancelled",
    "shift_over": "The shift has ended",
    "profession_not_wanted": "The shift asks for another profession",
    "shift_full": "All seats of the shift are taken",
    "already_on_duty": "This professional is on another shift at that time",
}


@dataclass(frozen=True)
class Shift:
    """A time on a roster. No `professions`: any may come."""

    starts_at: datetime
    ends_at: datetime
    professions: Collection[str]
    seats: int
    cancelled: bool


def refusal(shift: Shift, now: datetime, professions: Sequence[str], *, taken: int, elsewhere: bool) -> Refusal | None:
    """Why a professional of these professions may not take a seat; None when they may.

    `taken` seats are others'; `elsewhere`: on duty at that time on another shift.
    """
    if shift.cancelled:
        return "shift_cancelled"
    if now >= shift.ends_at:
        return "shift_over"
    if shift.professions and not set(shift.professions) & set(professions):
        return "profession_not_wanted"
    if taken >= shift.seats:
        return "shift_full"
    return "already_on_duty" if elsewhere else None
