"""The matching rule, row by row of a table that a doctor can read: `matching_table.md`."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from snp_dispatch.domain.matching import Candidate, Need, misfit, rank
from snp_dispatch.domain.policy import Criteria, Weights

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WEIGHTS = Weights(
    wait_per_hour=1, distance_per_km=0.5, not_regular_doctor=1000, not_same_practice=4, not_seen_before=4, fairness=3
)
SOFT = Criteria(language=24, accessibility=10, tariff_sector=12, gender=12)
HARD = Criteria()
PRACTICE = frozenset({"990010001"})
NEED = Need(
    profession="10",
    specialty="general-practice",
    audiences=frozenset({"CPTS", "PUBLIC"}),
    modes=frozenset({"AMB"}),
    earliest=NOW,
    deadline=NOW + timedelta(hours=48),
    commune="35236",
    radius_km=30,
    age=40,
    criteria=SOFT,
)
SLOT = Candidate(
    slot_id=UUID(int=0),
    effector="Nobody",
    effector_name="",
    is_person=True,
    profession="10",
    specialties=frozenset({"general-practice"}),
    starts_at=NOW,
    ends_at=NOW,
    commune="56001",
    distance_km=0.0,
    mode="AMB",
    audience=frozenset({"CPTS"}),
)


def rows() -> list[tuple[str, str, str, str]]:
    lines = (Path(__file__).parent / "matching_table.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [(need, slots, order, why) for need, slots, order, why in cells[2:]]


def hours(text: str) -> datetime:
    return NOW + timedelta(hours=float(text))


def codes(text: str) -> frozenset[str]:
    return frozenset(text.split("+"))


# How a phrase of the table reads: a pattern, and what it changes.
NEEDS: dict[str, Any] = {
    r"within (\S+) km": lambda it: {"radius_km": float(it)},
    r"within (\S+) h": lambda it: {"deadline": hours(it)},
    r"not before (\S+) h": lambda it: {"earliest": hours(it)},
    r"home visit": lambda: {"modes": frozenset({"HH"})},
    r"video too": lambda: {"modes": frozenset({"AMB", "VR"})},
    r"regular doctor (\w+)": lambda it: {"regular_doctor": it, "regular_sites": PRACTICE},
    r"seen by (\w+)": lambda it: {"seen_by": frozenset({it})},
    r"age (\d+)": lambda it: {"age": int(it)},
    r"act (\w+)": lambda it: {"act": it},
    r"must speak (\S+)": lambda it: {"languages": codes(it), "criteria": HARD},
    r"rather speak (\S+)": lambda it: {"languages": codes(it)},
    r"must have sector (\d)": lambda it: {"tariff_sectors": codes(it), "criteria": HARD},
    r"must have (\w+)": lambda it: {"accessibility": codes(it), "criteria": HARD},
    r"rather see a woman": lambda: {"gender": "female"},
    r"must see a woman": lambda: {"gender": "female", "criteria": HARD},
}
SLOTS: dict[str, Any] = {
    r"in (\S+) h": lambda it: {"starts_at": hours(it)},
    r"(\S+) km": lambda it: {"distance_km": float(it)},
    r"cardiologist": lambda: {"specialties": frozenset({"cardiology"})},
    r"nurse": lambda: {"profession": "60"},
    r"for ([A-Z]+)": lambda it: {"audience": codes(it)},
    r"withdrawn": lambda: {"withdrawn": True},
    r"paused": lambda: {"paused": True},
    r"not taking part": lambda: {"participates": False},
    r"home visit": lambda: {"mode": "HH"},
    r"video": lambda: {"mode": "VR"},
    r"same practice": lambda: {"sites": PRACTICE},
    r"own patients only": lambda: {"own_patients_only": True},
    r"ages (\d+)-(\d*)": lambda low, high: {"min_age": int(low), "max_age": int(high) if high else None},
    r"offers (\S+)": lambda it: {"acts": codes(it)},
    r"speaks (\S+)": lambda it: {"languages": codes(it)},
    r"has (\S+)": lambda it: {"accessibility": codes(it)},
    r"sector (\d)": lambda it: {"tariff_sector": it},
    r"a woman": lambda: {"gender": "female"},
    r"a man": lambda: {"gender": "male"},
    r"load (\S+)": lambda it: {"load": float(it)},
    r"([A-Z][a-z]+)": lambda it: {"effector": it},
}


def read(phrases: str, known: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for phrase in filter(None, (part.strip() for part in phrases.split(","))):
        matches = ((re.fullmatch(pattern, phrase), change) for pattern, change in known.items())
        match, change = next((it for it in matches if it[0]), (None, None))
        assert match is not None, f"the table says {phrase!r}: no such phrase"
        found |= change(*match.groups())
    return found


def slots_of(text: str) -> dict[str, Candidate]:
    named = (part.split(":", 1) for part in text.split(";"))
    return {
        name.strip(): replace(SLOT, slot_id=UUID(int=n), **read(phrases, SLOTS))
        for n, (name, phrases) in enumerate(named, start=1)
    }


def expected(text: str) -> tuple[list[str], dict[str, str]]:
    proposed, _, others = text.partition("not ")
    words = others.split()
    return proposed.split(), dict(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(("need", "slots", "order", "why"), rows())
def test_the_table(need: str, slots: str, order: str, why: str) -> None:
    asked, offered = replace(NEED, **read(need, NEEDS)), slots_of(slots)
    names = {slot.slot_id: name for name, slot in offered.items()}
    proposed = [names[it.slot.slot_id] for it in rank(asked, WEIGHTS, reversed(offered.values()), NOW)]
    refused = {name: code for name, slot in offered.items() if (code := misfit(asked, slot))}
    assert (proposed, refused) == expected(order), why


def test_the_table_is_long_enough_to_say_something() -> None:
    assert len(rows()) >= 30
