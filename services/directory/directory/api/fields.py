"""Fields that bodies of several routes share. None lets NUL through: PostgreSQL keeps none."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from directory.api.params import FINESS_PATTERN, RPPS_PATTERN
from directory.domain.identifiers import COMMUNE_PATTERN

Rpps = Annotated[str, Field(pattern=RPPS_PATTERN, examples=["99000000093"])]
Finess = Annotated[str, Field(pattern=FINESS_PATTERN, examples=["990010001"])]
Commune = Annotated[str, Field(pattern=COMMUNE_PATTERN, examples=["35236"])]
Code = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Line = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")
]
Note = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")]


class Body(BaseModel):
    """A body of a request: a field that is not known is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")
