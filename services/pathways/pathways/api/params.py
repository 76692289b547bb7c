"""Parameters and dependencies that several routes share."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path
from pydantic import AwareDatetime, TypeAdapter

from kit.auth import Caller
from kit.http import RuntimeDep, require
from pathways.domain.template import Template
from pathways.store.seal import Seal
from pathways.store.template_files import Catalogue

Reader = Annotated[Caller, require("pathways:read")]
Writer = Annotated[Caller, require("pathways:write")]
IdentityReader = Annotated[Caller, require("patients:identity")]
Registrar = Annotated[Caller, require("pathways:write", "patients:identity")]

PatientPath = Annotated[UUID, Path(description="Id of the patient")]
EnrolmentPath = Annotated[UUID, Path(description="Id of the enrolment")]
StepPath = Annotated[UUID, Path(description="Id of the step")]


def seal_of(runtime: RuntimeDep, caller: Caller) -> Seal:
    """Seals and opens the identities of the caller's territory."""
    return Seal(runtime.keyring, caller.territory)


def templates_of(runtime: RuntimeDep, caller: Caller) -> Mapping[str, Template]:
    """The pathways of the caller's territory, by id."""
    catalogue: Catalogue = runtime.extras["catalogue"]
    return catalogue.get(caller.territory, {})


async def _communes(runtime: RuntimeDep) -> Mapping[str, str]:
    communes: Mapping[str, str] = runtime.extras["communes"]
    return communes


CommunesDep = Annotated[Mapping[str, str], Depends(_communes)]


BY_ID = TypeAdapter(tuple[UUID])
BY_DUE = TypeAdapter(tuple[AwareDatetime, UUID])
"""Sort keys of the lists."""
