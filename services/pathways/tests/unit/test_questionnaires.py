"""Questionnaires: those of this repository hold, bad ones are refused; answers fit or not; scores."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kit.territories import BadFileError, territory_slugs
from pathways.domain.questionnaires import Questionnaire
from pathways.store.activity_files import load_questionnaires

SCALE = {"code": "overall", "kind": "scale", "text": "Satisfait ?", "required": True}
GOOD: dict[str, Any] = {
    "id": "short",
    "version": "1",
    "label": "Court",
    "validated_by": None,
    "purpose": "satisfaction",
    "about": ["pathway"],
    "respondents": ["patient"],
    "questions": [
        SCALE,
        {"code": "again", "kind": "yes_no", "text": "Encore ?", "scored": True},
        {"code": "known", "kind": "yes_no", "text": "Connu ?"},
        {
            "code": "how",
            "kind": "choice",
            "text": "Comment ?",
            "options": {"by-car": "En voiture", "walking": "À pied"},
        },
        {"code": "why", "kind": "choices", "text": "Pourquoi ?", "options": {"near": "Proche", "good": "Bien"}},
        {"code": "comment", "kind": "text", "text": "Autre ?"},
    ],
}
SHORT = Questionnaire.model_validate(GOOD)


def test_the_questionnaires_of_this_repository_are_valid(deploy_dir: Path) -> None:
    slugs = territory_slugs(deploy_dir / "territories")
    known = load_questionnaires(deploy_dir / "territories", deploy_dir / "reference", slugs)
    assert len(known) == 4
    for questionnaires in known.values():
        assert {it.purpose for it in questionnaires.values()} == {"satisfaction", "needs"}
        asked = {(subject, who) for it in questionnaires.values() for subject in it.about for who in it.respondents}
        for wanted in (
            *(("pathway", who) for who in ("patient", "carer", "professional")),
            *(("session", who) for who in ("professional", "student", "patient")),
            *(("internship", "trainee"), ("internship", "host"), ("installation", "newcomer")),
        ):
            assert wanted in asked


def test_a_questionnaire_that_is_not_named_like_its_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "here/questionnaires"
    folder.mkdir(parents=True)
    (folder / "other.yaml").write_text(str(GOOD), encoding="utf-8")
    with pytest.raises(BadFileError, match=r"other\.yaml: id: is 'short'"):
        load_questionnaires(tmp_path, tmp_path, ["here"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"questions": [SCALE, SCALE]}, "'overall' is asked twice"),
        ({"questions": [SCALE | {"scored": False}]}, "needs one that is scored"),
        ({"questions": [SCALE | {"options": {"a": "A"}}]}, "options: of a choice"),
        ({"questions": [SCALE | {"lowest": 5}]}, "highest: above lowest"),
        ({"questions": [{"code": "c", "kind": "text", "text": "x", "scored": True}]}, "scored: a scale"),
        ({"questions": []}, "at least 1 item"),
        ({"about": ["moon"]}, "Input should be"),
    ],
)
def test_a_questionnaire_is_whole(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Questionnaire.model_validate(GOOD | change)


@pytest.mark.parametrize(
    ("answers", "faulty"),
    [
        ({"overall": 5}, []),
        ({"overall": 5, "again": False, "how": "walking", "why": ("near", "good"), "comment": "x"}, []),
        ({}, ["overall"]),
        ({"overall": 6}, ["overall"]),
        ({"overall": True}, ["overall"]),
        ({"overall": "5"}, ["overall"]),
        ({"overall": 1, "again": "yes"}, ["again"]),
        ({"overall": 1, "how": "flying"}, ["how"]),
        ({"overall": 1, "why": ("near", "near")}, ["why"]),
        ({"overall": 1, "comment": "a\0b"}, ["comment"]),
        ({"overall": 1, "comment": "a" * 2001}, ["comment"]),
        ({"overall": 1, "moon": 1}, ["moon"]),
    ],
)
def test_answers_fit_or_not(answers: Any, faulty: list[str]) -> None:
    assert [code for code, _ in SHORT.faults(answers)] == faulty


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ({"overall": 1}, 0),
        ({"overall": 5}, 100),
        ({"overall": 4}, 75),
        ({"overall": 4, "again": False}, 38),
        ({"overall": 5, "known": False}, 100),
        ({"comment": "x"}, None),
    ],
)
def test_the_score_is_the_mean_of_what_counts(answers: Any, score: int | None) -> None:
    assert SHORT.score(answers) == score


def test_needs_have_no_score() -> None:
    assert Questionnaire.model_validate(GOOD | {"purpose": "needs"}).score({"overall": 5}) is None


@given(st.integers(1, 5), st.booleans())
def test_a_better_answer_never_lowers_the_score(overall: int, again: bool) -> None:
    now = SHORT.score({"overall": overall, "again": again})
    better = SHORT.score({"overall": min(5, overall + 1), "again": True})
    assert now is not None
    assert better is not None
    assert 0 <= now <= better <= 100


def test_answers_are_counted_by_question_with_zeros() -> None:
    counted = SHORT.counted([{"overall": 5, "again": True, "why": ["near", "good"]}, {"overall": 5, "how": "by-car"}])
    assert counted["overall"] == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 2}
    assert counted["again"] == {"yes": 1, "no": 0}
    assert (counted["how"], counted["why"]) == ({"by-car": 1, "walking": 0}, {"near": 1, "good": 1})
    assert "comment" not in counted
