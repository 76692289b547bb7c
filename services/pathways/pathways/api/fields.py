"""Fields that bodies of several routes share. None lets NUL through: PostgreSQL keeps none."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

RPPS_PATTERN = r"^[0-9]{11}$"
Rpps = Annotated[str, Field(pattern=RPPS_PATTERN, examples=["99000000093"])]
RppsPath = Annotated[str, Path(pattern=RPPS_PATTERN, description="RPPS number", examples=["99000000093"])]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
CodeQuery = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
Profession = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,10}$", examples=["60"])]
Line = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")
]
Note = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")]


class Body(BaseModel):
    """A body of a request: a field that is not known is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")
