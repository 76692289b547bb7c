from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from fastapi import FastAPI
from pydantic import BaseModel, Field

from contracts.directory import ParticipationChanged
from contracts.envelope import Event
from kit.app import create_app
from kit.auth import Caller
from kit.consumer import Rejected, Subscription
from kit.http import RuntimeDep, WorkDep, no_effect, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import Problem, problem_responses
from kit.settings import ServiceSettings
from kit.work import Work

MIGRATIONS = "toy.migrations"
Reader = Annotated[Caller, require("directory:read")]
Writer = Annotated[Caller, require("directory:write")]


class ToySettings(ServiceSettings):
    service: ClassVar[str] = "directory"


class ThingIn(BaseModel):
    name: str = Field(min_length=1)


class ThingOut(BaseModel):
    id: UUID
    name: str


router = service_router(tags=["things"])


@router.post("/things", status_code=201, responses=problem_responses(409))
async def create(body: ThingIn, caller: Writer, work: WorkDep) -> ThingOut:
    if body.name == "taken":
        raise Problem(409, "taken", "Somebody was faster", alternatives=["other"])
    thing = ThingOut(id=uuid4(), name=body.name)
    await work.execute(
        "INSERT INTO thing (id, territory, name, version) VALUES ($1, $2, $3, 1)",
        thing.id,
        caller.territory,
        thing.name,
    )
    work.emit(ParticipationChanged(rpps="99000000016", participates=True), version=1)
    return thing


@router.get("/things")
async def things(caller: Reader, work: WorkDep, page: PageDep) -> Page[ThingOut]:
    rows = await work.fetch(
        "SELECT id, name FROM thing WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2",
        page.after[0] if page.after else None,
        page.limit + 1,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["name"]])
    return Page(items=[ThingOut(**row) for row in kept], next=following)


@router.post("/things/search")
@no_effect
async def search(body: ThingIn, caller: Reader, work: WorkDep) -> list[ThingOut]:
    return [ThingOut(**row) for row in await work.fetch("SELECT id, name FROM thing WHERE name = $1", body.name)]


@router.get("/boom")
async def boom(caller: Reader, runtime: RuntimeDep) -> None:
    raise RuntimeError("a bug that names Jeanne")


async def on_participation(event: Event[ParticipationChanged], work: Work) -> None:
    """Keeps a thing per professional, named by the newest version."""
    if event.data.rpps == "reject":
        raise Rejected("this one never")
    if event.data.rpps == "fail":
        raise RuntimeError("not now")
    await work.execute(
        "INSERT INTO thing (id, territory, name, version) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version "
        "WHERE thing.version < excluded.version",
        UUID(int=int(event.data.rpps)),
        event.territory,
        f"{event.data.rpps} {event.data.participates}",
        event.aggregateversion,
    )


SUBSCRIPTIONS = (Subscription("directory", {ParticipationChanged: on_participation}),)


def app(settings: ToySettings) -> FastAPI:
    return create_app(
        settings, title="Toy", description="Toy", routers=[router], migrations=MIGRATIONS, subscriptions=SUBSCRIPTIONS
    )
