"""The codes of FINESS with their labels (`finess.yaml`), and what counts as a place."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator


class Category(BaseModel):
    """*Catégorie d'établissement* and the aggregate (*catégorie agrégée*) that it belongs to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    group: str | None


class FinessCodes(BaseModel):
    """A versioned list of codes and French labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    sources: tuple[str, ...] = ()
    groups: dict[str, str]
    categories: dict[str, Category]
    disciplines: dict[str, str]
    counted_disciplines: dict[str, frozenset[str]]

    @model_validator(mode="after")
    def _known_codes_only(self) -> Self:
        for code, category in self.categories.items():
            if category.group is not None and category.group not in self.groups:
                raise ValueError(f"categories.{code}.group: {category.group!r} is no group")
        for code, counted in self.counted_disciplines.items():
            if code not in self.categories or counted - self.disciplines.keys():
                raise ValueError(f"counted_disciplines.{code}: an unknown category or discipline")
        return self

    def capacity(self, category: str | None, places: Mapping[str, int]) -> int | None:
        """Beds or places of a structure, from those by discipline; None when nothing is known of them."""
        counted = self.counted_disciplines.get(category or "")
        kept = [count for discipline, count in places.items() if counted is None or discipline in counted]
        return sum(kept) if kept else None
