"""A pathway that cannot be followed is refused: circles, impossible windows, names that nothing has."""

from typing import Any

import pytest
from pathway_made import template

A = {"code": "a", "to_days": 1}
COURSE = {"code": "c", "to_days": 1, "repeat": {"times": 3, "every_days": 7}}


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ([{**A, "role": "nobody"}], r"steps\.0 \(a\): role"),
        ([{**A, "after": "a"}], r"steps: after: go in a circle: a -> a"),
        (
            [{**A, "after": "b"}, {"code": "b", "to_days": 1, "after": "a"}],
            r"go in a circle: (a -> b -> a|b -> a -> b)",
        ),
        ([{**A, "after": "z"}], r"steps\.0 \(a\): after: 'z' is not among `steps`"),
        ([{**A, "from_days": 3}], "to_days: before from_days"),
        ([{**A, "from_days": -9, "to_days": -3}], r"steps\.0 \(a\): to_days: its window ends before the enrolment"),
        (
            [A, {"code": "b", "after": "a", "from_days": -5, "to_days": -4}],
            r"steps\.1 \(b\): to_days: .* before the enr",
        ),
        (
            [{"code": "c", "to_days": 1, "repeat": {"times": 100, "every_days": 40}}],
            r"steps\.0 \(c-93\): to_days: .* after more than ten years",
        ),
        ([{**A, "occurrence": 1}], "after.* is missing"),
        ([{**A, "each": True}], "each: of which step"),
        ([COURSE, {**A, "after": "c", "each": True, "occurrence": 2}], "each: comes back with the other"),
        ([A, {"code": "b", "to_days": 1, "after": "a", "occurrence": 2}], r"steps\.1 \(b\): occurrence: .*come back"),
        ([A, A], "steps: named twice: a"),
        ([{"code": "c-2", "to_days": 1}, COURSE], "steps: named twice: c-2"),
        ([{"code": "c", "to_days": 1, "repeat": {"times": 1, "every_days": 1}}], "greater than or equal to 2"),
        ([{**A, "date": "discharge"}], r"steps\.0 \(a\): date: 'discharge' is not among `dates`"),
        ([A, {"code": "b", "to_days": 1, "after": "a", "date": "d"}], "not from both"),
        ([{**A, "when": ["x"]}], r"when: 'x' is not among `facts`"),
        ([{**A, "when": ["x"], "unless": ["x"]}], "never asked for: x"),
        ([{**A, "document": "d"}], r"document: 'd' is not among `documents`"),
        ([{**A, "survey": "s"}], r"survey: 's' is not among `surveys`"),
        ([{**A, "proof": ["document"]}], "document: which one proves it"),
        ([{**A, "proof": ["survey"]}], "survey: which one proves it"),
        ([{**A, "escalation": [{"role": "boss", "after_days": 1}]}], r"\(a\): escalation: 'boss' is not among"),
        (
            [{**A, "escalation": [{"role": "nurse", "after_days": 3}, {"role": "nurse", "after_days": 1}]}],
            "escalation: the days go up",
        ),
        ([{**A, "code": "A b"}], "match pattern"),
        ([{**A, "colour": "red"}], "Extra inputs"),
        ([], "at least 1"),
    ],
)
def test_circular_and_impossible_templates_are_refused(steps: list[dict[str, Any]], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        template(*steps)


def alert(*roles: str) -> dict[str, Any]:
    """An alert that these roles answer."""
    responders = [{"role": role, "within_minutes": 60} for role in roles]
    return {"code": "x", "label": "x", "source": "patient", "responders": responders}


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"escalation": [{"role": "boss", "after_days": 1}]}, "escalation: 'boss' is not among `roles`"),
        ({"roles": [{"code": "nurse", "label": "a"}, {"code": "nurse", "label": "b"}]}, "roles: named twice: nurse"),
        (
            {"alerts": [alert("boss")]},
            r"alerts\.0 \(x\): responders: 'boss' is not among `roles`",
        ),
        (
            {"alerts": [alert("nurse", "nurse")]},
            "the same role is called twice",
        ),
        ({"eligibility": {"min_age": 75, "max_age": 18}}, "max_age: below min_age"),
    ],
)
def test_bad_parts_are_refused(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        template(A, **parts)


def test_steps_may_stand_in_any_order() -> None:
    assert template({"code": "b", "to_days": 2, "after": "a"}, A).steps[0].after == "a"
