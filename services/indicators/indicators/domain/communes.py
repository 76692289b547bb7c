"""What is told by commune: its codes, and its sums by department (*département*)."""

import re
from collections.abc import Mapping

from indicators.domain.told import Told

CODE = re.compile(r"^(?:[0-9]{2}|2[AB])[0-9]{3}$", re.ASCII)
"""The code of a commune in the *code officiel géographique* of INSEE."""
UNKNOWN = "unknown"

Parts = Mapping[str, int | None]
"""By code; None is hidden."""


def department_of(commune: str) -> str:
    """Two figures of its code, three overseas."""
    if commune == UNKNOWN:
        return UNKNOWN
    return commune[: 3 if commune[:2] in ("97", "98") else 2]


def by_place(parts: Mapping[str, Told]) -> dict[str, Parts]:
    """The numerators by commune and by department. A department with a hidden commune is hidden: its sum is unknown."""
    if not parts:
        return {}
    communes = {code: parts[code].numerator for code in sorted(parts)}
    departments: dict[str, int | None] = {}
    for code, number in communes.items():
        so_far = departments.get(department_of(code), 0)
        departments[department_of(code)] = None if so_far is None or number is None else so_far + number
    return {"commune": communes, "department": departments}
