"""The rules of the association as data: what is refused at start, and the figures of Redon."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from directory.domain.association import Association, years_later
from directory.domain.mandates import Candidate, Refused, Sitting, refusal
from kit.territories import BadFileError, load_territories, load_yaml

DAY = date(2024, 2, 29)


@pytest.fixture(scope="module")
def redon_rules(deploy_dir: Path) -> Association:
    return load_yaml(deploy_dir / "territories/pays-de-redon/association.yaml", Association)


def test_redon_is_that_of_its_health_project(redon_rules: Association) -> None:
    colleges = [(it.number, it.vote_share * 100, it.seats) for it in redon_rules.colleges]
    assert colleges == [(1, 65, 18), (2, 15, 6), (3, 10, 3), (4, 10, 3)]
    assert redon_rules.board is not None
    assert (redon_rules.board.most, redon_rules.board.years, redon_rules.board.renewals) == (30, 4, 1)
    assert (len(redon_rules.bureau), redon_rules.bureau["president"].college, len(redon_rules.commissions)) == (6, 1, 5)


def test_the_four_territories_have_rules_and_three_have_no_colleges(deploy_dir: Path) -> None:
    found = load_territories(deploy_dir / "territories", "association.yaml", Association)
    assert {slug: len(rules.colleges) for slug, rules in found.items()} == {
        "atlantique-nord-loire": 0,
        "haute-saintonge": 0,
        "marches-de-bretagne": 0,
        "pays-de-redon": 4,
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colleges": [{"number": 1, "label": "X", "vote_share": "1/2", "seats": 3}]}, "do not sum to 1"),
        ({"colleges": [{"number": 1, "label": "X", "vote_share": "1", "seats": 31}]}, "more seats"),
        ({"colleges": [{"number": 1, "label": "X", "vote_share": 0.5, "seats": 3}]}, "fraction in quotes"),
        ({"colleges": [{"number": 1, "label": "X", "vote_share": "3/2", "seats": 3}]}, "between 0 and 1"),
        ({"bureau": {"president": {"label": "X", "college": 9}}}, "no college"),
        ({"commissions": {"board": "X"}}, "bodies already"),
        ({"quorum": 3}, "quorum"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(
    deploy_dir: Path, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    good = yaml.safe_load((deploy_dir / "territories/pays-de-redon/association.yaml").read_text(encoding="utf-8"))
    file = tmp_path / "association.yaml"
    file.write_text(yaml.safe_dump({**good, **change}))
    with pytest.raises(BadFileError, match=said):
        load_yaml(file, Association)


def who(college: int | None = 1, had: int = 0, on_board: bool = True, kind: str = "adherent") -> Candidate:
    return Candidate("m", kind, college, had, years_later(DAY, 4) if on_board else None)


@pytest.mark.parametrize(
    ("body", "role", "candidate", "sitting", "code"),
    [
        ("board", "member", who(), [], None),
        ("board", "member", who(had=1), [], None),
        ("board", "member", who(had=2), [], "mandate_limit"),
        ("board", "member", who(None, kind="associate"), [], "no_college"),
        ("board", "member", who(3), [Sitting(str(n), "member", 3) for n in range(3)], "college_seats_taken"),
        ("board", "member", who(3), [Sitting(str(n), "member", 1) for n in range(18)], None),
        ("board", "member", who(), [Sitting("m", "member", 1)], "sits_already"),
        ("bureau", "president", who(), [], None),
        ("bureau", "president", who(2), [], "wrong_college"),
        ("bureau", "treasurer", who(2), [], None),
        ("bureau", "treasurer", who(2, on_board=False), [], "not_on_board"),
        ("bureau", "treasurer", who(), [Sitting("x", "treasurer", 1)], "role_taken"),
        ("bureau", "treasurer", who(), [Sitting("m", "secretary", 1)], "sits_already"),
        ("quality", "referent", who(None, kind="associate"), [Sitting("x", "member", 1)], None),
        ("quality", "referent", who(), [Sitting("x", "referent", 1)], "role_taken"),
    ],
)
def test_who_may_sit_where(
    redon_rules: Association, body: str, role: str, candidate: Candidate, *, sitting: list[Sitting], code: str | None
) -> None:
    refused = refusal(redon_rules, body, role, candidate, sitting)
    assert (refused.code if isinstance(refused, Refused) else None) == code


def test_a_mandate_of_four_years_ends_the_same_day_or_the_28th() -> None:
    assert years_later(DAY, 4).isoformat() == "2028-02-29"
    assert years_later(DAY, 1).isoformat() == "2025-02-28"
