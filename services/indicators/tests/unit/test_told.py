"""What may be told of a figure, and who is believed."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from indicators.domain.told import MASKED, ImportSource, Provenance, Telling, Told, ToldRefusedError, believed, checked

REZONE = ImportSource("rezone", 1)
CPAM, MSA = ImportSource("cpam", 2, ("msa",)), ImportSource("msa", 3, ("cpam",))


def telling(source: str, told: Told) -> Telling:
    origin = Provenance(source, uuid4(), "coordinator", datetime(2026, 11, 22, tzinfo=UTC), "digest")
    return Telling(told, "imported", (origin,))


@pytest.mark.parametrize(
    ("unit", "told", "kept"),
    [
        ("percent", Told(1, 3), Told(1, 3, 33.33)),
        ("percent", Told(1, 3, 33.3), Told(1, 3, 33.33)),
        ("percent", Told(value=11.1), Told(value=11.1)),
        ("percent", Told(numerator=3, value=11.1), Told(value=11.1)),
        ("percent", Told(0, 4), Told(0, 4, 0.0)),
        ("count", Told(value=12.0), Told(12, None, 12)),
        ("count", Told(numerator=12), Told(12, None, 12)),
        ("count", Told(value=0.0), Told(0, None, 0)),
        ("score", Told(denominator=40, value=82.5), Told(denominator=40, value=82.5)),
        ("per_km2", Told(value=163.6), Told(value=163.6)),
        ("percent", Told(5, 3, masked=True), MASKED),
    ],
)
def test_what_is_kept(unit: str, told: Told, kept: Told) -> None:
    assert checked(unit, told) == kept


@pytest.mark.parametrize(
    ("unit", "told", "cause"),
    [
        ("percent", Told(), "value_missing"),
        ("percent", Told(numerator=3), "value_missing"),
        ("percent", Told(value=100.1), "value_out_of_range"),
        ("percent", Told(4, 3), "rate_impossible"),
        ("percent", Told(0, 0), "rate_impossible"),
        ("percent", Told(1, 3, 34.0), "value_differs"),
        ("count", Told(), "value_missing"),
        ("count", Told(value=1.5), "value_out_of_range"),
        ("count", Told(value=2_000_000_000), "value_out_of_range"),
        ("count", Told(numerator=3, value=4), "value_differs"),
        ("score", Told(value=101), "value_out_of_range"),
        ("score", Told(denominator=3), "value_missing"),
    ],
)
def test_what_cannot_be(unit: str, told: Told, cause: str) -> None:
    with pytest.raises(ToldRefusedError) as refused:
        checked(unit, told)
    assert refused.value.cause == cause


def test_the_first_in_rank_is_believed() -> None:
    told = {"cpam": telling("cpam", Told(10, 100, 10.0)), "rezone": telling("rezone", Told(value=11.1))}
    found = believed("percent", told, (CPAM, REZONE))
    assert found is not None
    assert found.told == Told(value=11.1)


def test_funds_that_each_tell_of_their_own_add_up() -> None:
    told = {"cpam": telling("cpam", Told(10, 100, 10.0)), "msa": telling("msa", Told(5, 50, 10.0))}
    found = believed("percent", told, (MSA, CPAM))
    assert found is not None
    assert found.told == Told(15, 150, 10.0)
    assert [it.source for it in found.provenance] == ["cpam", "msa"]
    counted = {name: telling(name, Told(7, None, 7)) for name in ("cpam", "msa")}
    found = believed("count", counted, (CPAM, MSA))
    assert found is not None
    assert found.told == Told(14, None, 14)


@pytest.mark.parametrize("other", [None, MASKED, Told(value=10.0)])
def test_a_part_that_is_not_told_is_not_added(other: Told | None) -> None:
    told = {"cpam": telling("cpam", Told(10, 100, 10.0))} | ({"msa": telling("msa", other)} if other else {})
    found = believed("percent", told, (CPAM, MSA))
    assert found == told["cpam"]


def test_of_nothing_told_nothing_is_believed() -> None:
    assert believed("percent", {}, (CPAM, MSA)) is None
    assert believed("percent", {"gone": telling("gone", Told(value=1))}, (CPAM, MSA)) is None
