"""Parameters and dependencies that several routes share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path

from kit.auth import Caller
from kit.http import RuntimeDep, require
from kit.pagination import PageParams
from kit.problems import Problem, field_problem
from pathways.domain.template import Template
from pathways.store.files import Catalogue
from pathways.store.seal import Seal

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


def after_id(page: PageParams) -> UUID | None:
    """The id of the last row seen. Raises Problem 422: a cursor comes from outside."""
    key = _key(page, 1)
    return _uuid(key[0]) if key else None


def after_due(page: PageParams) -> tuple[datetime, UUID] | None:
    """Due time and id of the last row seen. Raises Problem 422."""
    key = _key(page, 2)
    if key is None:
        return None
    try:
        due = datetime.fromisoformat(str(key[0]))
    except ValueError:
        raise _wrong_cursor() from None
    if due.tzinfo is None:
        raise _wrong_cursor()
    return due, _uuid(key[1])


def _key(page: PageParams, length: int) -> list[Any] | None:
    if page.after is not None and len(page.after) != length:
        raise _wrong_cursor()
    return page.after


def _uuid(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise _wrong_cursor() from None


def _wrong_cursor() -> Problem:
    return field_problem("cursor", "cursor_invalid", "Use the `next` value of a page of this very list")
