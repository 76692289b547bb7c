"""The agreement (ACI) as data: sizes, dates of missions, and what the variable part would be."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from indicators.domain.aci_agreement import Agreement, months_after
from indicators.domain.aci_contract import (
    Contract,
    MissionDates,
    OwnContract,
    Profile,
    Signature,
    mission_standing,
    term_end,
)
from indicators.domain.aci_forecast import forecast_mission, known_sum, whole_sum
from indicators.domain.aci_rules import Rule
from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Figure
from indicators.domain.periods import parse_period
from indicators.usecases.load_plans import load_agreement, load_contracts
from kit.territories import BadFileError, territory_slugs


@pytest.fixture
def agreement(deploy_dir: Path) -> Agreement:
    return load_agreement(deploy_dir / "reference")


SIZES = [
    # inhabitants -> size; the second of each pair is the first of the next class
    (0, 1),
    (39_999, 1),
    (40_000, 2),
    (79_999, 2),
    (80_000, 3),
    (81_246, 3),
    (175_000, 3),
    (175_001, 4),
    (1_000_000, 4),
]


@pytest.mark.parametrize(("inhabitants", "size"), SIZES)
def test_the_size_follows_from_the_population(agreement: Agreement, inhabitants: int, size: int) -> None:
    assert agreement.size_of(inhabitants, date(2026, 1, 1)) == size


def test_before_the_agreement_there_is_no_size(agreement: Agreement) -> None:
    assert agreement.size_of(81_246, date(2019, 6, 19)) is None


def test_classes_of_a_later_amendment_hold_from_their_day_on(agreement: Agreement) -> None:
    later = {
        "since": "2027-01-01",
        "source": "x",
        "classes": [{"size": 1, "at_least": 0}, {"size": 2, "at_least": 90_000}],
    }
    amended = Agreement.model_validate({**agreement.model_dump(), "sizes": [*agreement.model_dump()["sizes"], later]})
    assert (amended.size_of(81_246, date(2026, 12, 31)), amended.size_of(81_246, date(2027, 1, 1))) == (3, 1)


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        ("2021-07-08", 6, "2022-01-08"),
        ("2021-07-08", 60, "2026-07-08"),
        ("2021-08-31", 6, "2022-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2021-12-15", 12, "2022-12-15"),
        ("2021-12-15", 1, "2022-01-15"),
    ],
)
def test_months_are_counted_by_the_calendar(day: str, months: int, found: str) -> None:
    assert months_after(date.fromisoformat(day), months).isoformat() == found


EARLY, LATER = "2021-07-08", "2022-01-01"
"""Before the amendment that brought the mission of crises, and after it."""
DATES = [
    # mission, contract signed on -> due to start, due in full, or why that is not known
    ("access", EARLY, "2022-01-08", "2023-01-08", None),
    ("pathways", EARLY, "2022-07-08", "2023-07-08", None),
    ("prevention", EARLY, "2022-07-08", "2023-07-08", None),
    ("crisis", EARLY, None, None, "added_after_signature"),
    ("crisis", LATER, "2022-07-01", "2023-07-01", None),
    ("quality", EARLY, None, None, "agreed_freely"),
    ("support", EARLY, None, None, "agreed_freely"),
    ("access", None, None, None, "not_signed"),
]


@pytest.mark.parametrize("row", DATES, ids=lambda row: f"{row[0]}-{row[1]}")
def test_dates_due_are_counted_from_the_signature(agreement: Agreement, row: tuple[Any, ...]) -> None:
    mission, signed, starts, full, unknown = row
    found = mission_standing(contract_of(agreement, signed, mission), mission, date(2026, 11, 22))
    assert [str(it) if it else None for it in (found.starts_by, found.full_by)] == [starts, full]
    assert (found.unknown_because, found.phase) == (unknown, None)


def contract_of(agreement: Agreement, signed: str | None, mission: str, **own: Any) -> Contract:
    """A contract with one mission, and its own dates for it."""
    signature = Signature(signed_on=date.fromisoformat(signed)) if signed else None
    dates = {mission: MissionDates(source="Contrat", **own)} if own else {}
    return Contract(agreement, Profile(contract=signature, missions=(mission,)), OwnContract(missions=dates))


def test_dates_of_the_contract_itself_come_first(agreement: Agreement) -> None:
    own = {"starts_by": date(2022, 3, 1), "full_by": date(2023, 3, 1)}
    found = mission_standing(contract_of(agreement, EARLY, "crisis", **own), "crisis", date(2026, 11, 22))
    assert (found.starts_by, found.full_by, found.unknown_because) == (date(2022, 3, 1), date(2023, 3, 1), None)
    assert found.source == "Contrat"


@pytest.mark.parametrize(
    ("today", "phase"),
    [("2021-08-31", "not_started"), ("2021-09-01", "started"), ("2022-11-30", "started"), ("2022-12-01", "full")],
)
def test_the_phase_of_a_mission_follows_its_dates(agreement: Agreement, today: str, phase: str) -> None:
    own = {"started_on": date(2021, 9, 1), "full_on": date(2022, 12, 1)}
    contract = contract_of(agreement, EARLY, "access", **own)
    assert mission_standing(contract, "access", date.fromisoformat(today)).phase == phase


def test_the_first_term_ends_after_five_years(agreement: Agreement) -> None:
    assert term_end(contract_of(agreement, EARLY, "access")) == date(2026, 7, 8)
    assert term_end(contract_of(agreement, None, "access")) is None


def rule(code: str = "r", *, share: str = "1", indicator: str = "N-01", **kind: Any) -> Rule:
    told = {"code": code, "mission": "access", "indicator": indicator, "share": share}
    return Rule.model_validate({**told, "basis": "example", "source": "Exemple", **kind})


DOCTORS = {"thresholds": [{"at_least": 10, "earns": "1/2"}, {"at_least": 20, "earns": "1"}]}
LESS_IS_BETTER = {"thresholds": [{"at_most": 11, "earns": "1/4"}, {"at_most": 9.5, "earns": "1"}]}
CALLS = {"linear": {"nothing_at": 0, "all_at": 500}}
FALLING = {"linear": {"nothing_at": 18.4, "all_at": 13.4}}
EARNED = [
    # the rule, the figure -> the part of the rule's share that it earns
    (DOCTORS, 0, "0"),
    (DOCTORS, 9, "0"),
    (DOCTORS, 10, "1/2"),
    (DOCTORS, 19, "1/2"),
    (DOCTORS, 20, "1"),
    (DOCTORS, 99, "1"),
    (LESS_IS_BETTER, 11.1, "0"),
    (LESS_IS_BETTER, 11.0, "1/4"),
    (LESS_IS_BETTER, 9.5, "1"),
    (CALLS, 0, "0"),
    (CALLS, 125, "1/4"),
    (CALLS, 500, "1"),
    (CALLS, 800, "1"),
    (FALLING, 20.0, "0"),
    (FALLING, 18.4, "0"),
    (FALLING, 15.9, "1/2"),
    (FALLING, 13.4, "1"),
    (FALLING, 10.0, "1"),
]


@pytest.mark.parametrize(("kind", "value", "earned"), EARNED)
def test_what_a_figure_earns(kind: dict[str, Any], value: float, earned: str) -> None:
    assert str(rule(**kind).earned(value)) == earned


BAD_RULES = [
    ("no kind", {}, "say thresholds or linear"),
    ("two kinds", {**DOCTORS, **CALLS}, "say thresholds or linear"),
    ("a threshold of nothing", {"thresholds": [{"earns": "1"}]}, "say at_least or at_most"),
    ("a threshold of both", {"thresholds": [{"at_least": 1, "at_most": 2, "earns": "1"}]}, "say at_least or at_most"),
    ("mixed", {"thresholds": [{"at_least": 1, "earns": "1/2"}, {"at_most": 2, "earns": "1"}]}, "mixed"),
    ("easier", {"thresholds": [{"at_least": 9, "earns": "1/2"}, {"at_least": 2, "earns": "1"}]}, "harder to reach"),
    ("earns less", {"thresholds": [{"at_least": 1, "earns": "1"}, {"at_least": 2, "earns": "1/2"}]}, "earns more"),
    ("flat", {"linear": {"nothing_at": 5, "all_at": 5}}, "are the same"),
    ("more than all", {"thresholds": [{"at_least": 1, "earns": "3/2"}]}, "above 0, at most 1"),
    ("a bare number", {"thresholds": [{"at_least": 1, "earns": 0.5}]}, "write a share in quotes"),
]


@pytest.mark.parametrize(("kind", "message"), [row[1:] for row in BAD_RULES], ids=[row[0] for row in BAD_RULES])
def test_a_bad_rule_is_refused(kind: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rule(**kind)


def figure(catalogue: Catalogue, indicator_id: str, value: float | None) -> Figure:
    """A figure of 2026 with this value."""
    indicator = catalogue.find(indicator_id)
    assert indicator is not None
    return Figure(
        indicator=indicator,
        period=parse_period("2026", catalogue.zone),
        territory="pays-de-redon",
        status="computed" if value is not None else "no_source",
        reason=None if value is not None else "no_source",
        value=value,
        tally=None,
        as_of=None,
        computed_at=datetime(2026, 11, 22, tzinfo=UTC),
        gaps=(),
    )


TWO_RULES = (rule("doctors", share="1/2", **DOCTORS), rule("calls", share="1/2", indicator="N-02", **CALLS))
FORECASTS = [
    # doctors in the SAS, appointments of the SAS, variable part -> each line, the mission, why it is unknown
    ("all earned", 20, 500, "20000.00", ["10000.00", "10000.00"], "20000.00", []),
    ("half and a quarter", 12, 125, "20000.00", ["5000.00", "2500.00"], "7500.00", []),
    ("nothing earned", 0, 0, "20000.00", ["0.00", "0.00"], "0.00", []),
    ("a figure unknown", None, 125, "20000.00", [None, "2500.00"], None, ["figure_unknown"]),
    ("the amount unknown", 20, 500, None, [None, None], None, ["amount_missing"]),
    ("both unknown", None, None, None, [None, None], None, ["figure_unknown", "amount_missing"]),
    ("odd cents", 10, 100, "0.05", ["0.02", "0.00"], "0.02", []),
]


@pytest.mark.parametrize("row", FORECASTS, ids=lambda row: row[0])
def test_the_forecast_of_a_mission(catalogue: Catalogue, row: tuple[Any, ...]) -> None:
    _, doctors, calls, variable, lines, whole, why = row
    figures = {"N-01": figure(catalogue, "N-01", doctors), "N-02": figure(catalogue, "N-02", calls)}
    found = forecast_mission("access", TWO_RULES, figures, Decimal(variable) if variable else None)
    assert [None if line.amount is None else str(line.amount) for line in found.lines] == lines
    assert (None if found.amount is None else str(found.amount)) == whole
    assert list(found.unknown) == why


def test_a_mission_without_rules_is_unknown_and_not_zero(catalogue: Catalogue) -> None:
    found = forecast_mission("quality", [], {}, Decimal("5000.00"))
    assert (found.amount, found.unknown, found.lines) == (None, ("rule_missing",), ())
    assert forecast_mission("quality", [], {}, None).unknown == ("rule_missing", "amount_missing")


@pytest.mark.parametrize("cents", [1, 2, 100, 9_999, 10_000, 33_333])
def test_shares_give_the_whole_to_the_cent(catalogue: Catalogue, cents: int) -> None:
    thirds = [rule(f"r{number}", share="1/3", **DOCTORS) for number in range(3)]
    whole = Decimal(cents) / 100
    found = forecast_mission("access", thirds, {"N-01": figure(catalogue, "N-01", 20)}, whole)
    assert found.amount == whole
    assert all(line.amount == line.maximum for line in found.lines)


def test_a_sum_with_something_unknown_is_known_in_part() -> None:
    amounts = [Decimal("1.50"), None, Decimal("2.00")]
    assert (whole_sum(amounts), known_sum(amounts)) == (None, Decimal("3.50"))
    assert (whole_sum([]), known_sum([]), known_sum([None])) == (None, None, None)


RULE = TWO_RULES[0].model_dump(mode="json") | {"share": "1"}
BAD_CONTRACTS = [
    ("shares", {"variable": [RULE | {"share": "1/2"}]}, "the shares of mission access do not sum to 1"),
    ("twice", {"variable": [RULE | {"share": "1/2"}, RULE | {"share": "1/2"}]}, "named twice: doctors"),
    (
        "a mission it has not",
        {"variable": [RULE | {"mission": "quality"}]},
        "variable.0.mission: .*no mission 'quality'",
    ),
    ("an indicator", {"variable": [RULE | {"indicator": "I-99"}]}, "variable.0.indicator: unknown indicator 'I-99'"),
    (
        "dates of another mission",
        {"missions": {"quality": {"source": "x"}}},
        "missions.quality: the territory's contract",
    ),
    (
        "dates out of order",
        {"missions": {"access": {"started_on": "2022-01-01", "full_on": "2021-01-01", "source": "x"}}},
        "missions.access: .*full_on 2021-01-01 is before started_on 2022-01-01",
    ),
]


@pytest.mark.parametrize(("own", "message"), [row[1:] for row in BAD_CONTRACTS], ids=[row[0] for row in BAD_CONTRACTS])
def test_a_bad_contract_is_refused_with_file_and_field(
    tmp_path: Path, agreement: Agreement, catalogue: Catalogue, own: dict[str, Any], message: str
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "territory.yaml").write_text("id: here\nmissions: [access]\n")
    (tmp_path / "here" / "aci-contract.yaml").write_text(yaml.safe_dump({"version": "1", **own}))
    with pytest.raises(BadFileError, match=f"here/aci-contract.yaml: .*{message}"):
        load_contracts(tmp_path, ["here"], catalogue, agreement)


def test_every_territory_has_a_contract_and_sizes_agree(
    deploy_dir: Path, agreement: Agreement, catalogue: Catalogue
) -> None:
    folder = deploy_dir / "territories"
    contracts = load_contracts(folder, territory_slugs(folder), catalogue, agreement)
    stated = {}
    for slug, contract in contracts.items():
        population = contract.profile.population
        size = contract.agreement.size_of(population.count, date(2026, 1, 1)) if population else None
        stated[slug] = (contract.profile.size, size)
    assert stated == {
        "atlantique-nord-loire": (None, None),
        "haute-saintonge": (None, None),
        "marches-de-bretagne": (1, 1),
        "pays-de-redon": (3, 3),
    }
    assert {rule.basis for contract in contracts.values() for rule in contract.own.variable} == {"example"}
