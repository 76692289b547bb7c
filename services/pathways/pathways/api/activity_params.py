"""Parameters and dependencies of the routes on group activities."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path
from pydantic import AwareDatetime, TypeAdapter

from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require
from pathways.domain.activities import Activities
from pathways.domain.questionnaires import Questionnaire
from pathways.usecases.activity_words import Words

ActivityReader = Annotated[Caller, require("activities:read")]
ActivityWriter = Annotated[Caller, require("activities:write")]
Attendee = Annotated[Caller, require("activities:attend")]

SurveyReader = Annotated[Caller, require("surveys:read")]
SurveyWriter = Annotated[Caller, require("surveys:write")]

SurveyPath = Annotated[UUID, Path(description="Id of the survey")]
SessionPath = Annotated[UUID, Path(description="Id of the session")]
BY_START: TypeAdapter[tuple[datetime, UUID]] = TypeAdapter(tuple[AwareDatetime, UUID])


async def words(runtime: RuntimeDep, work: WorkDep) -> Words:
    """What the caller's territory calls its activities."""
    activities: Activities = runtime.extras["activities"][work.territory]
    return Words(activities, runtime.extras["professions"], runtime.extras["territory_names"][work.territory])


WordsDep = Annotated[Words, Depends(words)]


async def questionnaires(runtime: RuntimeDep, work: WorkDep) -> Mapping[str, Questionnaire]:
    """The questionnaires of the caller's territory, by id."""
    found: Mapping[str, Questionnaire] = runtime.extras["questionnaires"][work.territory]
    return found


QuestionnairesDep = Annotated[Mapping[str, Questionnaire], Depends(questionnaires)]
