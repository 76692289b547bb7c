"""Of whom the other services are told: the register holds France, a deployment serves some territories of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Located(Protocol):
    """An address: the commune, or the postal code of one that was not found."""

    @property
    def commune(self) -> str | None: ...

    @property
    def postal_code(self) -> str | None: ...


class _Territory(Protocol):
    @property
    def communes(self) -> tuple[str, ...]: ...

    @property
    def departments(self) -> tuple[str, ...]: ...


def department_of(commune: str) -> str:
    """The département of an INSEE code: two characters, three overseas (971...)."""
    return commune[:3] if commune.startswith("97") else commune[:2]


@dataclass(frozen=True)
class Following:
    """The *départements* in which the territories lie: patients go to the towns around as well."""

    departments: frozenset[str]

    @classmethod
    def of(cls, territories: Iterable[_Territory]) -> "Following":
        """Those that the profiles name, and those of their communes."""
        found: set[str] = set()
        for territory in territories:
            found.update(territory.departments, map(department_of, territory.communes))
        return cls(frozenset(found))

    def anywhere(self, places: Iterable[Located]) -> bool:
        """Whether one of these places is in a followed département."""
        return any(self.here(place.commune, place.postal_code) for place in places)

    def here(self, commune: str | None, postal_code: str | None) -> bool:
        """Postal codes begin with the département; those of Corsica with 20, for both."""
        if commune is not None:
            return department_of(commune) in self.departments
        if postal_code is None:
            return False
        if postal_code.startswith("20"):
            return not self.departments.isdisjoint(("2A", "2B"))
        return department_of(postal_code) in self.departments
