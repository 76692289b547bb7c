"""Shapes that several routes share."""

from pydantic import BaseModel, Field

from snp_dispatch.domain.request import Finess, InseeCode, Rpps, Stated


class PlaceIn(Stated):
    """Where care is given."""

    commune: InseeCode = Field(description="INSEE code", examples=["35236"])


class EffectorIn(Stated):
    """Who serves (*effecteur*): a professional by RPPS or a structure by FINESS, one of them."""

    rpps: Rpps | None = Field(default=None, examples=["99000000093"])
    finess: Finess | None = None

    @property
    def number(self) -> str | None:
        """The one number, or None when there is none or both."""
        return None if (self.rpps is None) == (self.finess is None) else self.rpps or self.finess


class PlaceOut(BaseModel):
    """A commune by INSEE code, and its name."""

    commune: str
    name: str


class EffectorOut(BaseModel):
    """Who serves: `rpps` of a professional or `finess` of a structure, and the name."""

    rpps: str | None = None
    finess: str | None = None
    name: str


class ReasonIn(Stated):
    """Why. Stays in this service; an event repeats it only when it is a code such as `agenda_closed`."""

    reason: str = Field(min_length=1, max_length=500, examples=["agenda_closed"])
