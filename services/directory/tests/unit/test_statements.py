"""Values of statements, by kind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from directory.domain.statements import BadValueError, Codes, StatementKinds, freshness, read_value, valid_until
from kit.territories import load_yaml

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def kinds(deploy_dir: Path) -> StatementKinds:
    folder = deploy_dir / "reference"
    read = load_yaml(folder / "statement-kinds.yaml", StatementKinds)
    return read.with_codes(load_yaml(folder / "snp-codes.yaml", Codes))


@pytest.mark.parametrize(
    ("kind", "value", "kept", "codes"),
    [
        ("home_visits", False, False, ["no"]),
        ("home_visits", True, True, ["yes"]),
        ("languages", ["fr", "br", "fr"], ["br", "fr"], ["br", "fr"]),
        ("tariff_sector", "2", "2", ["2"]),
        ("phone", "02 99 00.00-01", "0299000001", []),
        ("phone", "+33199000001", "+33199000001", []),
        ("secure_mailbox", "cabinet@exemple.mssante.example.org", "cabinet@exemple.mssante.example.org", []),
        ("places", 62, 62, []),
        ("information", " Digicode à demander ", "Digicode à demander", []),
        (
            "opening_hours",
            [{"day": 2, "from": "14:00", "to": "18:00"}, {"day": 2, "from": "08:30", "to": "14:00"}],
            [{"day": 2, "from": "08:30", "to": "14:00"}, {"day": 2, "from": "14:00", "to": "18:00"}],
            [],
        ),
    ],
)
def test_a_value_is_kept_in_one_form(kinds: StatementKinds, kind: str, value: Any, kept: Any, codes: list[str]) -> None:
    assert read_value(kinds.kinds[kind], value) == (kept, codes)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("home_visits", "yes"),
        ("home_visits", 1),
        ("languages", []),
        ("languages", "fr"),
        ("languages", ["fr", "klingon"]),
        ("tariff_sector", "9"),
        ("tariff_sector", ["1"]),
        ("phone", "call me"),
        ("phone", "+33 1"),
        ("secure_mailbox", "nobody"),
        ("places", -1),
        ("places", True),
        ("information", "  "),
        ("information", "a\x00b"),
        ("commune", "Redon"),
        ("opening_hours", []),
        ("opening_hours", [{"day": 8, "from": "08:00", "to": "09:00"}]),
        ("opening_hours", [{"day": 1, "from": "09:00", "to": "09:00"}]),
        ("opening_hours", [{"day": 1, "from": "09:00", "to": "11:00"}, {"day": 1, "from": "10:30", "to": "12:00"}]),
    ],
)
def test_a_value_that_does_not_fit_is_refused(kinds: StatementKinds, kind: str, value: Any) -> None:
    with pytest.raises(BadValueError):
        read_value(kinds.kinds[kind], value)


def test_how_long_it_holds(kinds: StatementKinds) -> None:
    visits, languages = kinds.kinds["home_visits"], kinds.kinds["languages"]
    assert valid_until(visits, NOW, None) == NOW + timedelta(days=365)
    assert valid_until(languages, NOW, None) is None
    assert valid_until(languages, NOW, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)
    for wrong in (NOW, NOW - timedelta(1), NOW + timedelta(days=5000)):
        with pytest.raises(BadValueError):
            valid_until(visits, NOW, wrong)


def test_freshness_ends_at_the_very_instant() -> None:
    assert freshness(NOW, None, NOW) == "lapsed"
    assert freshness(NOW, None, NOW - timedelta(microseconds=1)) == "holds"
    assert freshness(None, None, NOW) == "holds"
    assert freshness(None, NOW, NOW) == "withdrawn"


def test_codes_are_those_of_the_dispatch(kinds: StatementKinds) -> None:
    assert kinds.kinds["tariff_sector"].codes.keys() == {"1", "2", "3"}
    assert {"gender", "languages", "tariff_sector", "accessibility"} <= set(kinds.told)
    assert not {"phone", "secure_mailbox", "information"} & set(kinds.told)
