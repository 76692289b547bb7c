"""Route of the history: every change of what a territory attested, with who, when, before and after."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field, TypeAdapter

from directory.api.params import Historian
from directory.usecases.list_changes import list_changes
from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of

router = service_router(tags=["history"])

_KEY = TypeAdapter(tuple[int])
EntityQuery = Annotated[
    str | None, Query(max_length=60, pattern=r"^[a-z_]+$", description="Kind of row, for instance `participation`")
]
KeyQuery = Annotated[str | None, Query(max_length=200, description="Which row, for instance an RPPS number")]


class ChangeOut(BaseModel):
    """One change of one row. `before` is null for a row that was new."""

    entity: str = Field(examples=["participation"])
    key: str = Field(examples=["99000000093"])
    version: int = Field(description="Counts the changes of the row, from 1")
    changed_at: datetime
    changed_by: str = Field(description="Subject of the token, or the job that did it")
    before: dict[str, Any] | None
    after: dict[str, Any]


@router.get("/history", operation_id="listChanges", summary="Who changed what, the latest first")
async def get_changes(
    *, caller: Historian, work: WorkDep, page: PageDep, entity: EntityQuery = None, key: KeyQuery = None
) -> Page[ChangeOut]:
    """Changes of the caller's territory. Secrets and sealed fields are left out. Nothing is ever removed from it."""
    rows = await list_changes(work, entity=entity, key=key, before_id=page.first_key(_KEY), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[filled(ChangeOut, row) for row in kept], next=following)
