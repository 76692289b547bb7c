"""On-call orders: who is absent."""

from collections.abc import Sequence
from datetime import date

from kit.work import Work

GROUPS, ABSENCES = "duty_group", "duty_absence"
_ABSENT = f"""
SELECT DISTINCT rpps FROM {ABSENCES}
WHERE territory = $1 AND rpps = ANY($2) AND from_on <= $3 AND until_on >= $3 AND cancelled_at IS NULL
"""


async def absent(work: Work, territory: str, people: Sequence[str], day: date) -> set[str]:
    """Those of these RPPS numbers who are away on a day."""
    return {row["rpps"] for row in await work.fetch(_ABSENT, territory, list(people), day)}
