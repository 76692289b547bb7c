"""Finding today's commune behind an old code, an arrondissement, or a postal code and a name."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from directory.domain.names import place_key


class CommuneName(NamedTuple):
    """A name under which a commune is met: its own, or one that it took over."""

    insee: str
    name: str
    postal_codes: tuple[str, ...]


class CommuneIndex:
    """Looks communes up the way national files name them. Ambiguous means not found: no guess."""

    def __init__(self, names: Iterable[CommuneName], successors: dict[str, str]) -> None:
        self._successors = successors
        self._current: set[str] = set()
        self._by_postal_code: defaultdict[str, set[str]] = defaultdict(set)
        self._by_postal_name: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_department_name: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for known in names:
            self._add(known)

    def _add(self, known: CommuneName) -> None:
        key = place_key(known.name)
        self._current.add(known.insee)
        for postal_code in known.postal_codes:
            self._by_postal_code[postal_code].add(known.insee)
            self._by_postal_name[postal_code, key].add(known.insee)
            self._by_department_name[_department(postal_code), key].add(known.insee)

    def current(self, code: str) -> str | None:
        """The commune of today that has, or took over, this INSEE code."""
        return code if code in self._current else self._successors.get(code)

    def resolve(self, code: str, postal_code: str, names: Iterable[str]) -> str | None:
        """The commune of an address: by code, else by postal code and any of the names it is given.

        A CEDEX has a postal code of its own: then the name decides, if only one commune of the
        département has it. A postal code alone decides when it serves one commune and no name is given.
        """
        if found := self.current(code):
            return found
        keys = [key for key in map(place_key, names) if key]
        for key in keys:
            matches = self._by_postal_name.get((postal_code, key))
            if not matches and postal_code not in self._by_postal_code:
                matches = self._by_department_name.get((_department(postal_code), key))
            if matches and len(matches) == 1:
                return next(iter(matches))
        served = self._by_postal_code.get(postal_code, set())
        return next(iter(served)) if len(served) == 1 and not keys else None


def _department(postal_code: str) -> str:
    """First characters of a postal code: two, three overseas (971...). Corsica stays whole, as 20."""
    return postal_code[:3] if postal_code.startswith("97") else postal_code[:2]
