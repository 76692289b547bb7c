"""What the dispatch needs to know of a territory (`deploy/territories/<slug>/territory.yaml`): where it lies."""

from pydantic import BaseModel, ConfigDict, Field


class Territory(BaseModel):
    """The directory owns the file and checks the rest of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    name: str
    departments: tuple[str, ...] = Field(default=(), description="INSEE codes of its départements")
    communes: tuple[str, ...] = Field(default=(), description="INSEE codes; may be unknown")

    @property
    def somewhere(self) -> str:
        """The start of an INSEE code that lies in it, for its time zone; empty when nothing is known."""
        return next(iter((*self.communes, *self.departments)), "")
