"""Words that activities are told by (kinds, topics, themes, professions) are known: each refusal names the field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice

from kit.problems import field_problem
from pathways.domain.activities import Activities

_SHOWN = 12


@dataclass(frozen=True)
class Words:
    """The words of the caller's territory, the professions of the nomenclature, and the name that papers carry."""

    activities: Activities
    professions: Mapping[str, str]
    territory: str


def check_word(field: str, code: str | None, known: Collection[str]) -> None:
    """Raises Problem 422 `code_unknown`, which says some of the known ones."""
    if code is not None and code not in known:
        some = ", ".join(islice(known, _SHOWN))
        raise field_problem(field, "code_unknown", f"No code {code!r}: one of {some} (see /v1/activity-codes)")


def check_subject(activities: Activities, topic: str | None, theme: str | None) -> str | None:
    """The topic: that of the theme when only the theme is given. Raises Problem 422."""
    check_word("topic", topic, activities.topics)
    check_word("theme", theme, activities.themes)
    if theme is None:
        return topic
    of_theme = activities.themes[theme].topic
    if topic not in (None, of_theme):
        raise field_problem("theme", "theme_of_another_topic", f"{theme!r} belongs to {of_theme!r}")
    return of_theme
