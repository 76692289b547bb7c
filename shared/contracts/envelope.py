"""The CloudEvents 1.0 envelope (JSON structured mode) around every payload on the bus."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

NATIONAL = "fr"
"""Territory token of national reference data (professionals, structures): rows that belong to no CPTS."""

TerritorySlug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}$")]


class Payload(BaseModel):
    """Base of every event payload. Unknown fields are ignored, so that a producer may add some first."""

    model_config = ConfigDict(frozen=True, extra="ignore")


P = TypeVar("P", bound=Payload)


class Event(BaseModel, Generic[P]):
    """One fact, told once by the service that owns it.

    `subject` is the id of the aggregate, `aggregateversion` counts its changes from 1: a projection
    applies an event only if it is newer than what it has. `correlationid` follows one request through
    every service; `causationid` is the event that led to this one. Extension names are lower case
    letters only, as CloudEvents 1.0 section 3.1 asks.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    time: AwareDatetime
    subject: str
    datacontenttype: Literal["application/json"] = "application/json"
    territory: TerritorySlug
    aggregateversion: int = Field(ge=1)
    correlationid: str
    causationid: UUID | None = None
    traceparent: str | None = None
    data: P

    @property
    def occurred_at(self) -> datetime:
        """When it happened, by the clock of the owner (not when it arrived)."""
        return self.time
