"""Routes on statements (*déclarations*): what a territory attests about professionals and structures."""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from fastapi import Path, Query, Response
from pydantic import AwareDatetime

from directory.api.answers import statement_out
from directory.api.params import FinessPath, Reader, ReferenceDep, RppsPath, Writer, after
from directory.api.schemas_statements import KindOut, KindsOut, StatementIn, StatementOut, StatementsOut
from directory.domain.identifiers import COMMUNE_PATTERN
from directory.domain.statements import Source
from directory.store.statements import Wanted
from directory.usecases.list_statements import list_statements, show_statement, statements_of
from directory.usecases.load_reference import Reference
from directory.usecases.make_statement import Subject, make_statement, withdraw_statement
from kit.as_of import AsOfDep
from kit.auth import Caller
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record, Work

router = service_router(tags=["statements"])

KIND_PATTERN = r"^[a-z][a-z0-9_]{1,40}$"
KindPath = Annotated[str, Path(pattern=KIND_PATTERN, description="See /v1/statement-kinds", examples=["languages"])]
PlaceQuery = Annotated[
    str, Query(pattern=rf"^$|{COMMUNE_PATTERN}", description="Commune that it is said of; empty for all places")
]


@router.get("/statement-kinds", operation_id="listStatementKinds", summary="What can be stated")
async def kinds(*, caller: Reader, reference: ReferenceDep) -> KindsOut:
    """Every kind with the type of its value, its codes, who may say it and for how long it holds."""
    found = reference.statements
    items = [
        KindOut(kind=code, **kind.model_dump(exclude={"codes_of", "pattern"})) for code, kind in found.kinds.items()
    ]
    return KindsOut(version=found.version, items=items)


@router.get("/statements", operation_id="listStatements", summary="What is attested on the territory")
async def listing(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    page: PageDep,
    until: AsOfDep,
    kind: Annotated[str | None, Query(pattern=KIND_PATTERN)] = None,
    code: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,40}$", description="One of the codes said")] = None,
    about: Annotated[str | None, Query(pattern=r"^[0-9AB]{9,11}$", description="RPPS or FINESS number")] = None,
    source: Source | None = None,
    state: Annotated[
        Literal["holds", "lapsed", "withdrawn"] | None, Query(description="Without it: all but those withdrawn")
    ] = None,
    ends_before: Annotated[AwareDatetime | None, Query(description="Those that lapse before, to ask again")] = None,
) -> Page[StatementOut]:
    """By kind, then number. With `at`, as they stood and counted then."""
    wanted = Wanted([about] if about else None, kind, code, source, state, ends_before)
    seen = after(page, str, str, str)
    rows = await list_statements(work, wanted, until=until, after=seen, limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["kind"], row["about"], row["place"]])
    return Page(items=[statement_out(row, reference.statements, until or work.now) for row in kept], next=following)


@router.get(
    "/professionals/{rpps}/statements",
    operation_id="listStatementsOfProfessional",
    summary="What is attested of a professional",
    responses=problem_responses(404),
)
async def of_professional(
    *, caller: Reader, work: WorkDep, reference: ReferenceDep, rpps: RppsPath, until: AsOfDep
) -> StatementsOut:
    """On the caller's territory, with who said it, when, and until when it holds; lapsed ones too."""
    return _all(await statements_of(work, rpps, until), reference, until or work.now)


@router.get(
    "/professionals/{rpps}/statements/{kind}",
    operation_id="getStatementOfProfessional",
    summary="One statement of a professional",
    responses=problem_responses(404),
)
async def one_of_professional(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    rpps: RppsPath,
    kind: KindPath,
    until: AsOfDep,
    response: Response,
    place: PlaceQuery = "",
) -> StatementOut:
    """Lapsed or withdrawn ones too (`state`). The `ETag` can go into `If-Match` of a change."""
    row = await show_statement(work, reference.statements, Subject(rpps, kind, place), until)
    return _one(row, reference, until or work.now, response)


@router.put(
    "/professionals/{rpps}/statements/{kind}",
    operation_id="stateOfProfessional",
    summary="State something of a professional",
    responses=problem_responses(404, 412),
)
async def state_of_professional(
    *,
    caller: Writer,
    work: WorkDep,
    reference: ReferenceDep,
    rpps: RppsPath,
    kind: KindPath,
    body: StatementIn,
    response: Response,
    place: PlaceQuery = "",
    if_match: IfMatch = None,
) -> StatementOut:
    """A coordinator for anyone, a practitioner for themself (403 otherwise). Saying the same again renews it.

    An unknown kind, a value or an end that does not fit the kind, a source that may not say it: 422.
    """
    return await _state(_Asked(work, reference, caller), Subject(rpps, kind, place), body, if_match, response)


@router.delete(
    "/professionals/{rpps}/statements/{kind}",
    operation_id="withdrawStatementOfProfessional",
    summary="Withdraw a statement of a professional",
    responses=problem_responses(404, 412),
)
async def withdraw_of_professional(
    *,
    caller: Writer,
    work: WorkDep,
    reference: ReferenceDep,
    rpps: RppsPath,
    kind: KindPath,
    response: Response,
    place: PlaceQuery = "",
    if_match: IfMatch = None,
) -> StatementOut:
    """It no longer counts; its history stays. 404 when nothing was said, or it is withdrawn already."""
    row = await withdraw_statement(work, reference.statements, caller, Subject(rpps, kind, place), if_match)
    return _one(row, reference, work.now, response)


@router.get(
    "/structures/{finess}/statements",
    operation_id="listStatementsOfStructure",
    summary="What is attested of a structure",
    responses=problem_responses(404),
)
async def of_structure(
    *, caller: Reader, work: WorkDep, reference: ReferenceDep, finess: FinessPath, until: AsOfDep
) -> StatementsOut:
    """On the caller's territory, with who said it, when, and until when it holds; lapsed ones too."""
    return _all(await statements_of(work, finess, until), reference, until or work.now)


@router.get(
    "/structures/{finess}/statements/{kind}",
    operation_id="getStatementOfStructure",
    summary="One statement of a structure",
    responses=problem_responses(404),
)
async def one_of_structure(
    *,
    caller: Reader,
    work: WorkDep,
    reference: ReferenceDep,
    finess: FinessPath,
    kind: KindPath,
    until: AsOfDep,
    response: Response,
) -> StatementOut:
    """Lapsed or withdrawn ones too (`state`). The `ETag` can go into `If-Match` of a change."""
    row = await show_statement(work, reference.statements, Subject(finess, kind), until)
    return _one(row, reference, until or work.now, response)


@router.put(
    "/structures/{finess}/statements/{kind}",
    operation_id="stateOfStructure",
    summary="State something of a structure",
    responses=problem_responses(404, 412),
)
async def state_of_structure(
    *,
    caller: Writer,
    work: WorkDep,
    reference: ReferenceDep,
    finess: FinessPath,
    kind: KindPath,
    body: StatementIn,
    response: Response,
    if_match: IfMatch = None,
) -> StatementOut:
    """A coordinator only (403 otherwise). Saying the same again renews it; what does not fit the kind is 422."""
    return await _state(_Asked(work, reference, caller), Subject(finess, kind), body, if_match, response)


@router.delete(
    "/structures/{finess}/statements/{kind}",
    operation_id="withdrawStatementOfStructure",
    summary="Withdraw a statement of a structure",
    responses=problem_responses(404, 412),
)
async def withdraw_of_structure(
    *,
    caller: Writer,
    work: WorkDep,
    reference: ReferenceDep,
    finess: FinessPath,
    kind: KindPath,
    response: Response,
    if_match: IfMatch = None,
) -> StatementOut:
    """It no longer counts; its history stays. 404 when nothing was said, or it is withdrawn already."""
    row = await withdraw_statement(work, reference.statements, caller, Subject(finess, kind), if_match)
    return _one(row, reference, work.now, response)


class _Asked(NamedTuple):
    work: Work
    reference: Reference
    caller: Caller


async def _state(
    asked: _Asked, subject: Subject, body: StatementIn, if_match: str | None, response: Response
) -> StatementOut:
    row = await make_statement(
        asked.work,
        asked.reference.statements,
        asked.caller,
        subject,
        body.plain(),
        source=body.source,
        until=body.valid_until,
        if_match=if_match,
    )
    return _one(row, asked.reference, asked.work.now, response)


def _one(row: Record, reference: Reference, instant: datetime, response: Response) -> StatementOut:
    response.headers["ETag"] = f'"{row["version"]}"'
    return statement_out(row, reference.statements, instant)


def _all(rows: list[Record], reference: Reference, instant: datetime) -> StatementsOut:
    return StatementsOut(items=[statement_out(row, reference.statements, instant) for row in rows])
