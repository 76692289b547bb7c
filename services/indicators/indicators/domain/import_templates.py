"""What files of figures look like, source by source: data, not code (deploy/indicators/imports)."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from indicators.domain.catalogue import Catalogue
from indicators.domain.context import Context
from indicators.domain.told import ImportSource

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
Header: TypeAlias = Annotated[tuple[str, ...], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Columns(_Part):
    """What the header may call each column, without regard to case: the first is what the empty file has.

    Where a source tells communes, a line without one is the whole of which the others are parts.
    """

    indicator: Header
    commune: Header | None = None
    numerator: Header | None = None
    denominator: Header | None = None
    value: Header

    @property
    def named(self) -> dict[str, tuple[str, ...]]:
        """By word of ours, those that the source has."""
        return {name: words for name in Columns.model_fields if (words := getattr(self, name))}


class FigureOfSource(_Part):
    """An indicator or context figure that the source tells: in which unit, and under which names beside its id."""

    id: str
    unit: str
    names: tuple[str, ...] = ()


class ImportTemplate(_Part):
    """A source of figures and what its files look like. `rank` and `adds_up_with` are those of ImportSource."""

    version: int = Field(ge=1)
    id: Slug
    label_fr: str
    rank: int = Field(ge=1)
    adds_up_with: tuple[Slug, ...] = ()
    columns: Columns
    masked: tuple[str, ...] = Field(description="What stands for a number that the source may not tell")
    figures: tuple[FigureOfSource, ...] = Field(min_length=1)

    @property
    def source(self) -> ImportSource:
        """The source behind the files."""
        return ImportSource(self.id, self.rank, self.adds_up_with)

    @property
    def by_name(self) -> dict[str, FigureOfSource]:
        """Figures by each of their names, in lower case."""
        return {name.lower(): figure for figure in self.figures for name in (figure.id, *figure.names)}

    def check(self, catalogue: Catalogue, context: Context, sources: Set[str]) -> None:
        """Raises ValueError when it names what is not there, another unit, or what events feed."""
        units: dict[str, str] = {it.id: it.unit for it in catalogue.indicators}
        units |= {it.id: it.unit for it in context.figures}
        for place, figure in enumerate(self.figures):
            field = f"figures.{place}"
            if figure.id not in units:
                raise ValueError(f"{field}.id: {figure.id} is neither an indicator nor a context figure")
            if figure.unit != units[figure.id]:
                raise ValueError(f"{field}.unit: {figure.id} is a {units[figure.id]}")
            if (indicator := catalogue.find(figure.id)) and indicator.is_fed:
                raise ValueError(f"{field}.id: {figure.id} is counted from events")
        if unknown := sorted(set(self.adds_up_with) - sources):
            raise ValueError(f"adds_up_with: there is no source {unknown[0]}")


@dataclass(frozen=True)
class ImportTemplates:
    """The sources of a deployment."""

    all: tuple[ImportTemplate, ...] = ()

    def find(self, source: str) -> ImportTemplate | None:
        """The template of a source, or None."""
        return next((template for template in self.all if template.id == source), None)

    def telling(self, figure: str) -> tuple[ImportSource, ...]:
        """The sources that tell a figure, the most believed first."""
        found = [it.source for it in self.all if any(told.id == figure for told in it.figures)]
        return tuple(sorted(found, key=lambda it: (it.rank, it.id)))
