"""Figures that somebody tells rather than events: a line of a funder's file, or an entry with its proof."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

Refusal: TypeAlias = Literal["value_missing", "value_out_of_range", "value_differs", "rate_impossible"]
_MOST = 1_000_000_000
_ROUNDING = 0.06
"""Sources round to one decimal: what they write may differ by half of it from what their numbers say."""


@dataclass(frozen=True)
class ImportSource:
    """Who tells figures by files. Of several sources the one of the lowest `rank` is believed.

    `adds_up_with`: sources that each tell of their own insured people, so that only together they tell of all.
    """

    id: str
    rank: int
    adds_up_with: tuple[str, ...] = ()


class ToldRefusedError(ValueError):
    """No such figure can be: `cause` and why."""

    def __init__(self, cause: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.cause, self.detail = cause, detail


@dataclass(frozen=True)
class Told:
    """What is told: a value, the numbers that it is made of, or both; a masked one (*secret statistique*) is hidden.

    Of a score the denominator is how many answered. A count is its numerator.
    """

    numerator: int | None = None
    denominator: int | None = None
    value: float | int | None = None
    masked: bool = False


MASKED = Told(masked=True)


def checked(unit: str, told: Told) -> Told:
    """The figure as it is kept: its value follows from its numbers where they are told. Raises ToldRefusedError."""
    if told.masked:
        return MASKED
    if unit == "percent":
        told = _rate(told)
    elif unit == "count":
        told = _count(told)
    if told.value is None:
        raise ToldRefusedError("value_missing", "There is neither a value nor the numbers that it is made of")
    if told.value > (_MOST if unit not in ("percent", "score") else 100) or told.value < 0:
        raise ToldRefusedError("value_out_of_range", f"{told.value} is no {unit}")
    return told


def _rate(told: Told) -> Told:
    if told.numerator is None or told.denominator is None:
        return Told(value=told.value)
    if not 0 <= told.numerator <= told.denominator or not told.denominator:
        raise ToldRefusedError("rate_impossible", f"{told.numerator} of {told.denominator} is no rate")
    rate = 100 * told.numerator / told.denominator
    if told.value is not None and abs(told.value - rate) > _ROUNDING:
        raise ToldRefusedError("value_differs", f"{told.numerator} of {told.denominator} is not {told.value} %")
    return Told(told.numerator, told.denominator, round(rate, 2))


def _count(told: Told) -> Told:
    number = told.value if told.numerator is None else told.numerator
    if told.value is not None and told.value != number:
        raise ToldRefusedError("value_differs", f"The value is {told.value}, the number {number}")
    if number is None:
        return Told()
    if number != int(number):
        raise ToldRefusedError("value_out_of_range", f"{number} is no count")
    return Told(numerator=int(number), value=int(number))


@dataclass(frozen=True)
class Provenance:
    """Where a told figure comes from: the source, the import or entry, who told it, when, the file's SHA-256."""

    source: str
    told_in: UUID
    told_by: str
    told_at: datetime
    digest: str


@dataclass(frozen=True)
class Telling:
    """A told figure with its origin and where it comes from, which is several sources when they add up.

    `parts` of it, by commune, where they were told with it.
    """

    told: Told
    origin: Literal["imported", "manual"]
    provenance: tuple[Provenance, ...]
    parts: Mapping[str, Told] = field(default_factory=dict)

    @property
    def hides(self) -> bool:
        """Whether a number of it is hidden."""
        return self.told.masked or any(part.masked for part in self.parts.values())


def believed(unit: str, imported: Mapping[str, Telling], sources: Iterable[ImportSource]) -> Telling | None:
    """Of what several sources tell of one figure: the sum of those that add up, else that of the first in rank.

    One that is not whole (a source of the sum is missing, masked, or tells no numbers) is not added up.
    """
    told = [source for source in sorted(sources, key=lambda it: (it.rank, it.id)) if source.id in imported]
    if not told:
        return None
    first = told[0]
    parts = [imported.get(name) for name in (first.id, *first.adds_up_with)]
    if first.adds_up_with and (whole := _sum(unit, parts)):
        return whole
    return imported[first.id]


def _sum(unit: str, parts: Sequence[Telling | None]) -> Telling | None:
    known = [part for part in parts if part is not None and part.told.numerator is not None]
    if len(known) < len(parts) or (unit == "percent" and any(part.told.denominator is None for part in known)):
        return None
    together = Told(
        sum(part.told.numerator or 0 for part in known),
        sum(part.told.denominator or 0 for part in known) if unit == "percent" else None,
    )
    whole = checked(unit, together)
    return Telling(whole, "imported", tuple(it for part in known for it in part.provenance), _sum_of_parts(unit, known))


def _sum_of_parts(unit: str, tellings: Sequence[Telling]) -> dict[str, Told]:
    """Of the communes that all of them tell; one that somebody hides is hidden."""
    common = set.intersection(*(set(it.parts) for it in tellings))
    return {code: _added(unit, [it.parts[code] for it in tellings]) for code in sorted(common)}


def _added(unit: str, parts: Sequence[Told]) -> Told:
    if any(part.masked for part in parts):
        return MASKED
    numerator, denominator = sum(part.numerator or 0 for part in parts), sum(part.denominator or 0 for part in parts)
    return checked(unit, Told(numerator, denominator if unit == "percent" else None))
