"""Routes of crisis plans (*schémas ORSAN*) and what belongs to them."""

from datetime import date
from mimetypes import guess_extension
from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Query, Response, UploadFile
from pydantic import TypeAdapter

from directory.api.fields import Code, Line
from directory.api.params import (
    FINESS_PATTERN,
    CrisisDocumentReader,
    CrisisReader,
    CrisisWriter,
    ReferenceDep,
    SettingsDep,
)
from directory.api.schemas_crisis import (
    AdoptIn,
    CrisisCodesOut,
    DocumentIn,
    DocumentOut,
    PlanCounts,
    PlanIn,
    PlanOut,
    PlanVersionOut,
    ReasonIn,
    TypeCount,
)
from directory.domain.as_of import paris_day, standing_day
from directory.domain.crisis_plans import CrisisRules, PlanState, review_state
from directory.usecases.keep_crisis_documents import (
    DocumentAsked,
    end_document,
    link_document,
    list_documents,
    open_document,
    upload_document,
)
from directory.usecases.keep_crisis_plans import (
    PlanAsked,
    adopt_plan,
    change_plan,
    count_plans,
    draft_plan,
    find_plan,
    list_plans,
    list_versions,
    withdraw_plan,
)
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.file_answers import FILE_ANSWER, file_answer, safe_name
from kit.http import IfMatch, RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.versions import etag
from kit.work import Record

router = service_router(tags=["crises"])

_KEY, _NUMBER = TypeAdapter(tuple[UUID]), TypeAdapter(tuple[int])
CodeQuery = Annotated[str | None, Query(max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]


@router.get("/crisis-codes", operation_id="listCrisisCodes", summary="Codes of crises, and the territory's rules")
async def get_codes(*, caller: CrisisReader, work: WorkDep, reference: ReferenceDep) -> CrisisCodesOut:
    """With their French labels."""
    codes = reference.crisis.model_dump(exclude={"rules", "vaccination"})
    return CrisisCodesOut(**codes, **reference.crisis_rules[work.territory].model_dump())


@router.post("/crisis-plans", status_code=201, operation_id="draftCrisisPlan", summary="Write a crisis plan")
async def post_plan(*, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, body: PlanIn) -> PlanOut:
    """A draft. 422 `code_unknown`."""
    row = await draft_plan(work, reference, caller, _asked(body))
    return _plan(row, reference.crisis_rules[work.territory], paris_day(work.now))


@router.get("/crisis-plans", operation_id="listCrisisPlans", summary="Crisis plans, the latest first")
async def get_plans(
    *,
    caller: CrisisReader,
    work: WorkDep,
    reference: ReferenceDep,
    page: PageDep,
    until: AsOfDep,
    type_: Annotated[CodeQuery, Query(alias="type")] = None,
    state: PlanState | None = None,
) -> Page[PlanOut]:
    """As they are, or stood `at` a day."""
    seen = page.key(_KEY)
    rows = await list_plans(work, type_=type_, state=state, until=until, after=seen and seen[0], limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    rules, day = reference.crisis_rules[work.territory], standing_day(work.now, until)
    return Page(items=[_plan(row, rules, day) for row in kept], next=following)


@router.get("/crisis-plans/counts", operation_id="countCrisisPlans", summary="Adopted plans by type")
async def get_counts(*, caller: CrisisReader, work: WorkDep, reference: ReferenceDep, until: AsOfDep) -> PlanCounts:
    """Those that stand, today or `at` a day (I-62)."""
    known = reference.crisis.plan_types
    counted = [
        TypeCount(type=row["type"], orsan=row["type"] in known and known[row["type"]].orsan, count=row["count"])
        for row in await count_plans(work, until)
    ]
    return PlanCounts(counts=counted)


@router.get(
    "/crisis-plans/{plan_id}", operation_id="getCrisisPlan", summary="One plan", responses=problem_responses(404)
)
async def get_plan(
    *, caller: CrisisReader, work: WorkDep, reference: ReferenceDep, until: AsOfDep, plan_id: UUID, response: Response
) -> PlanOut:
    """404 `plan_unknown`, also for one that was not there `at` that day."""
    row = await find_plan(work, plan_id, until=until)
    response.headers["ETag"] = etag(row["version"])
    return _plan(row, reference.crisis_rules[work.territory], standing_day(work.now, until))


@router.put(
    "/crisis-plans/{plan_id}",
    operation_id="changeCrisisPlan",
    summary="Write on a plan",
    responses=problem_responses(404, 409, 412),
)
async def put_plan(
    *,
    caller: CrisisWriter,
    work: WorkDep,
    reference: ReferenceDep,
    plan_id: UUID,
    body: PlanIn,
    if_match: IfMatch = None,
) -> PlanOut:
    """An adopted one becomes `revised`; its adopted version stays in force. 409 `plan_withdrawn`, 412, 422."""
    row = await change_plan(work, reference, caller, plan_id, _asked(body), if_match=if_match)
    return _plan(row, reference.crisis_rules[work.territory], paris_day(work.now))


@router.post(
    "/crisis-plans/{plan_id}/adopt",
    operation_id="adoptCrisisPlan",
    summary="Adopt a plan as its next version",
    responses=problem_responses(404, 409),
)
async def post_adopt(
    *, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, plan_id: UUID, body: AdoptIn
) -> PlanOut:
    """The version is numbered and never changes. 409 `plan_adopted`, `plan_empty`, `plan_withdrawn`."""
    row = await adopt_plan(work, reference, caller, plan_id, body.review_on)
    return _plan(row, reference.crisis_rules[work.territory], paris_day(work.now))


@router.post(
    "/crisis-plans/{plan_id}/withdraw",
    operation_id="withdrawCrisisPlan",
    summary="Take a plan out of force",
    responses=problem_responses(404, 409),
)
async def post_withdraw(
    *, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, plan_id: UUID, body: ReasonIn
) -> PlanOut:
    """For good; a repeat changes nothing. 409 `plan_running`."""
    row = await withdraw_plan(work, reference, caller, plan_id, body.reason)
    return _plan(row, reference.crisis_rules[work.territory], paris_day(work.now))


@router.get(
    "/crisis-plans/{plan_id}/versions",
    operation_id="listCrisisPlanVersions",
    summary="The adopted versions of a plan, the latest first",
    responses=problem_responses(404),
)
async def get_versions(*, caller: CrisisReader, work: WorkDep, page: PageDep, plan_id: UUID) -> Page[PlanVersionOut]:
    """As they were adopted. 404 `plan_unknown`."""
    seen = page.key(_NUMBER)
    rows = await list_versions(work, plan_id, seen and seen[0], page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["number"]])
    items = [filled(PlanVersionOut, row, adopted_by=row["changed_by"]) for row in kept]
    return Page(items=items, next=following)


@router.post(
    "/crisis-plans/{plan_id}/documents",
    status_code=201,
    operation_id="linkCrisisDocument",
    summary="Link a document to a plan",
    responses=problem_responses(404),
)
async def post_document(
    *, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, plan_id: UUID, body: DocumentIn
) -> DocumentOut:
    """The hospital's Plan Blanc, a home's plan Bleu where it stands. 422 `code_unknown`, `structure_unknown`."""
    asked = DocumentAsked(body.kind, body.title, body.finess)
    return _document(await link_document(work, reference, caller, plan_id, asked, url=body.url))


@router.post(
    "/crisis-plans/{plan_id}/files",
    status_code=201,
    operation_id="uploadCrisisDocument",
    summary="Add a file to a plan",
    responses=problem_responses(404, 413),
)
async def post_file(
    *,
    caller: CrisisWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    reference: ReferenceDep,
    settings: SettingsDep,
    plan_id: UUID,
    file: Annotated[UploadFile, File(description="PDF, PNG, JPEG, DOCX, XLSX, ODT or ODS")],
    kind: Annotated[Code, Form()],
    title: Annotated[Line, Form()],
    finess: Annotated[str | None, Form(pattern=FINESS_PATTERN)] = None,
) -> DocumentOut:
    """Told by its first bytes what it is. 413 `file_too_large`; 422 `file_type_refused`, `code_unknown`."""
    asked, most = DocumentAsked(kind, title, finess), settings.max_document_bytes
    row = await upload_document(work, reference, caller, plan_id, asked, blobs=runtime.blobs, upload=file, most=most)
    return _document(row)


@router.get(
    "/crisis-plans/{plan_id}/documents",
    operation_id="listCrisisDocuments",
    summary="What belongs to a plan",
    responses=problem_responses(404),
)
async def get_documents(
    *, caller: CrisisDocumentReader, work: WorkDep, page: PageDep, plan_id: UUID
) -> Page[DocumentOut]:
    """In the order in which they came, ended ones too."""
    seen = page.key(_KEY)
    rows = await list_documents(work, plan_id, seen and seen[0], page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_document(row) for row in kept], next=following)


@router.get(
    "/crisis-documents/{document_id}/file",
    operation_id="getCrisisDocumentFile",
    summary="The file of a document",
    response_class=Response,
    responses={**FILE_ANSWER, **problem_responses(404)},
)
async def get_file(*, caller: CrisisDocumentReader, work: WorkDep, runtime: RuntimeDep, document_id: UUID) -> Response:
    """As it was given; `ETag` is its SHA-256. 404 `document_unknown`, also for a link."""
    row, content = await open_document(work, runtime.blobs, document_id)
    return file_answer(
        content,
        row["media_type"],
        safe_name(row["title"] + (guess_extension(row["media_type"]) or "")),
        digest=row["digest"],
    )


@router.post(
    "/crisis-documents/{document_id}/end",
    operation_id="endCrisisDocument",
    summary="Take a document off its plan",
    responses=problem_responses(404),
)
async def post_end(*, caller: CrisisWriter, work: WorkDep, document_id: UUID) -> DocumentOut:
    """It is kept, with the versions that name it. A repeat changes nothing."""
    return _document(await end_document(work, caller, document_id))


def _asked(body: PlanIn) -> PlanAsked:
    return PlanAsked(body.type, body.title, body.responsible, [step.model_dump() for step in body.steps])


def _plan(row: Record, rules: CrisisRules, today: date) -> PlanOut:
    standing = row["review_on"] if row["state"] != "withdrawn" else None
    return filled(PlanOut, row, review=review_state(standing, today, rules.review_notice_days))


def _document(row: Record) -> DocumentOut:
    return filled(DocumentOut, row)
