"""Parameters and dependencies of the routes on group activities."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path
from pydantic import AwareDatetime, TypeAdapter

from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require
from pathways.domain.activities import Activities
from pathways.usecases.activity_words import Words

ActivityReader = Annotated[Caller, require("activities:read")]
ActivityWriter = Annotated[Caller, require("activities:write")]
Attendee = Annotated[Caller, require("activities:attend")]

SessionPath = Annotated[UUID, Path(description="Id of the session")]
BY_START: TypeAdapter[tuple[datetime, UUID]] = TypeAdapter(tuple[AwareDatetime, UUID])


async def words(runtime: RuntimeDep, work: WorkDep) -> Words:
    """What the caller's territory calls its activities."""
    activities: Activities = runtime.extras["activities"][work.territory]
    return Words(activities, runtime.extras["professions"], runtime.extras["territory_names"][work.territory])


WordsDep = Annotated[Words, Depends(words)]
