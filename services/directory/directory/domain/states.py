"""In what two states of one entry differ."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

_BOOKKEEPING = {"version", "updated_at", "import_id", "first_seen_at", "gone_at", "search_name", "digest"}
"""Fields that follow from the others, or count them."""


class Difference(NamedTuple):
    """A field, and what it was and became."""

    field: str
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any], derived: Collection[str] = ()) -> list[Difference]:
    """Fields whose value changed, by name. A column that one of the states did not have yet does not count.

    Nor does one that is `derived` from others.
    """
    both = sorted((before.keys() & after.keys()) - _BOOKKEEPING - set(derived))
    return [Difference(name, before[name], after[name]) for name in both if before[name] != after[name]]
