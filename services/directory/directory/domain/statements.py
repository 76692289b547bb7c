"""What a territory may attest (*déclarations*): the kinds, read from `statement-kinds.yaml`, and their values."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Source = Literal["self", "coordinator", "survey", "national"]
"""Who said it: the person themself, the coordinator, an answer to a survey, or a national source."""
Type = Literal["flag", "code", "codes", "text", "number", "phone", "mailbox", "hours"]
About = Literal["person", "structure"]
Compared = Literal["phone", "commune", "profession", "site_name"]

Freshness = Literal["holds", "lapsed", "withdrawn"]

LONGEST = timedelta(days=5 * 366)
"""Nothing is attested for longer than this without being said again."""

YES, NO = ("yes",), ("no",)
"""The codes of a flag."""

_PHONE = re.compile(r"\+[1-9]\d{6,14}|0[1-9]\d{8}|1\d{1,3}|3\d{3}")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


class Kind(BaseModel):
    """One kind of statement: what its value is, of whom, by whom, for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    type: Type
    codes: dict[str, str] = {}
    codes_of: Literal["languages", "accessibility", "tariff_sectors", "genders"] | None = None
    pattern: str | None = None
    about: frozenset[About] = Field(min_length=1)
    by: frozenset[Source] = Field(min_length=1)
    holds_days: int | None = Field(default=None, ge=1, le=LONGEST.days)
    placed: bool = False
    told: bool = False
    compared_with: Compared | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        coded = self.type in ("code", "codes")
        if coded != bool(self.codes or self.codes_of):
            raise ValueError("a kind of type code or codes has `codes` or `codes_of`, no other has")
        if self.told and not (coded or self.type == "flag"):
            raise ValueError("only flags and codes are told")
        return self


class Codes(BaseModel):
    """The lists of `snp-codes.yaml` that statements share with the dispatch."""

    languages: dict[str, str]
    accessibility: dict[str, str]
    tariff_sectors: dict[str, str]
    genders: dict[str, str]


class StatementKinds(BaseModel):
    """The kinds by code. `version` is kept with each statement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    kinds: dict[str, Kind]

    def with_codes(self, shared: Codes) -> "StatementKinds":
        """The same, `codes_of` filled in."""
        lists = shared.model_dump()
        filled = {
            code: kind.model_copy(update={"codes": lists[kind.codes_of]}) if kind.codes_of else kind
            for code, kind in self.kinds.items()
        }
        return self.model_copy(update={"kinds": filled})

    @property
    def told(self) -> list[str]:
        """Kinds that stand in the event."""
        return [code for code, kind in self.kinds.items() if kind.told]

    @property
    def compared(self) -> dict[str, Compared]:
        """Kinds that a national value may contradict, with what it is."""
        return {code: kind.compared_with for code, kind in self.kinds.items() if kind.compared_with}


class Value(NamedTuple):
    """A value as it is kept, and the codes that it is found and told by."""

    value: Any
    codes: list[str]


class BadValueError(ValueError):
    """The value does not fit its kind; says why."""


def read_value(kind: Kind, value: Any) -> Value:
    """The value in its kept form. Raises BadValueError."""
    if kind.type == "flag":
        if not isinstance(value, bool):
            raise BadValueError("Say true or false")
        return Value(value, list(YES if value else NO))
    if kind.type == "number":
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1_000_000:
            raise BadValueError("Say a number from 0 to 1,000,000")
        return Value(value, [])
    if kind.type == "codes":
        return _codes(kind, value)
    if kind.type == "hours":
        return Value(_hours(value), [])
    return _text(kind, value)


def valid_until(kind: Kind, now: datetime, wanted: datetime | None) -> datetime | None:
    """Until when a statement made now holds; None without end. Raises BadValueError."""
    if wanted is None:
        return now + timedelta(days=kind.holds_days) if kind.holds_days else None
    if not now < wanted <= now + LONGEST:
        raise BadValueError(f"It must be in the future, within {LONGEST.days} days")
    return wanted


def freshness(valid_until: datetime | None, withdrawn_at: datetime | None, at: datetime) -> Freshness:
    """Whether a statement counts at an instant."""
    if withdrawn_at is not None:
        return "withdrawn"
    return "lapsed" if valid_until is not None and valid_until <= at else "holds"


def _codes(kind: Kind, value: Any) -> Value:
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value) or not value:
        raise BadValueError("Say a list of codes, at least one")
    _known(kind.codes, value)
    kept = sorted(set(value))
    return Value(kept, kept)


def _text(kind: Kind, value: Any) -> Value:
    if not isinstance(value, str) or not value.strip() or _CONTROL.search(value):
        raise BadValueError("Say a text without control characters")
    text = value.strip()
    if kind.type == "code":
        _known(kind.codes, [text])
        return Value(text, [text])
    if kind.type == "phone":
        text = re.sub(r"[\s.\-]", "", text)
    shape = {"phone": _PHONE, "mailbox": _MAILBOX}.get(kind.type) or re.compile(kind.pattern or r"(?s).+")
    if not shape.fullmatch(text):
        raise BadValueError(f"It does not have the form of this kind ({shape.pattern})")
    return Value(text, [])


def _known(codes: Mapping[str, str], said: Sequence[str]) -> None:
    if unknown := [code for code in said if code not in codes]:
        raise BadValueError(f"Unknown code {unknown[0][:40]!r}: one of {', '.join(codes)}")


def _hours(value: Any) -> list[dict[str, Any]]:
    """Ranges of a week, Monday is 1, in order and apart: `{"day": 1, "from": "08:30", "to": "12:00"}`."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise BadValueError("Say a list of ranges {day, from, to}, at least one")
    ranges = sorted(_range(item) for item in value)
    for (day, _, end), (other, start, _) in pairwise(ranges):
        if day == other and start < end:
            raise BadValueError(f"Ranges of day {day} overlap")
    return [{"day": day, "from": start, "to": end} for day, start, end in ranges]


def _range(item: dict[str, Any]) -> tuple[int, str, str]:
    day, start, end = item.get("day"), item.get("from"), item.get("to")
    if item.keys() != {"day", "from", "to"} or not isinstance(day, int) or not 1 <= day <= 7:
        raise BadValueError("A range has a day from 1 (Monday) to 7, `from` and `to`")
    if not (isinstance(start, str) and isinstance(end, str) and _CLOCK.fullmatch(start) and _CLOCK.fullmatch(end)):
        raise BadValueError("`from` and `to` are times such as 08:30")
    if start >= end:
        raise BadValueError("A range ends after it begins")
    return day, start, end
