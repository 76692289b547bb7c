"""What a caller typed as a name, ready to compare."""

from directory.domain.names import normalise, normalise_place
from kit.problems import field_problem


def person_name(typed: str | None) -> str | None:
    """Normalised as names of persons and structures are. Raises Problem 422 when no letter or digit is left."""
    return None if typed is None else _kept(normalise(typed))


def place_name(typed: str | None) -> str | None:
    """Normalised as names of communes are: `St` counts as `Saint`. Raises Problem 422 likewise."""
    return None if typed is None else _kept(normalise_place(typed))


def _kept(normalised: str) -> str:
    if not normalised:
        raise field_problem("name", "name_empty", "A name needs a letter or a digit")
    return normalised
