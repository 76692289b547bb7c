"""Routes on how funding is shared among members (*répartition des financements*)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from directory.api.fields import Body
from directory.api.params import AssociationReader, AssociationWriter, ReferenceDep
from directory.api.schemas_association import Day, Short
from directory.domain.association import Code
from directory.domain.funding import FundingRules
from directory.domain.publications import MEDIA_TYPES, Format
from directory.usecases.find_funding import ShareLine, ShareView, explained, list_shares, print_share, show_share
from directory.usecases.settle_funding import approve_share, discard_share
from directory.usecases.share_funding import Figure, Sharing, share_funding
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.file_answers import file_answer
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["association"])

State = Literal["draft", "approved", "discarded"]
CodeQuery = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Total = Annotated[Decimal, Field(gt=0, le=10_000_000, max_digits=10, decimal_places=2)]
_ID = TypeAdapter(tuple[UUID])
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "CSV (UTF-8, semicolons), XLSX or PDF",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()},
    }
}


async def _rules(loaded: ReferenceDep, work: WorkDep) -> FundingRules:
    return loaded.funding.get(work.territory) or FundingRules()


FundingRulesDep = Annotated[FundingRules, Depends(_rules)]


class FigureIn(Body):
    """What a member counts in a key whose figures are given, for instance patients followed."""

    key: Code
    member_id: UUID
    value: int = Field(ge=0, le=10_000_000)


class SharingIn(Body):
    """What is to be shared, by the keys of the pot."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"pot": "access", "total": "12000.00", "from_on": "2026-01-01", "to_on": "2026-06-30"}]
        },
    )

    pot: Code = Field(description="Code of the territory's rules")
    total: Total = Field(description="Euros")
    from_on: Day
    to_on: Day = Field(description="Last day of the period; members of that day count")
    figures: list[FigureIn] = Field(default=[], max_length=5000)
    replaces: UUID | None = Field(default=None, description="Corrects that approved one: its next edition")
    reason: Short | None = Field(default=None, description="Of a correction")


class ApproveIn(Body):
    """The vote that adopted it; asked for where the rules say so."""

    ballot_id: UUID | None = None


class ShareOut(BaseModel):
    """A computation; approved, it has a number and changes no more."""

    id: UUID
    state: State
    number: int | None
    edition: int
    pot: str
    total: Decimal
    from_on: date
    to_on: date
    replaces_id: UUID | None
    reason: str | None
    ballot_id: UUID | None
    approved_at: datetime | None
    version: int


class SliceOut(BaseModel):
    """What one key gives: the total x `share` x `weight` / `whole`, exactly."""

    key: str
    weight: int
    whole: int
    share: str
    exact: str


class ShareLineOut(BaseModel):
    """What one member gets. Amounts sum to the total exactly: cents go to the largest remainders."""

    member_id: UUID
    name: str | None
    rpps: str | None
    amount: Decimal
    exact: str = Field(description="Before rounding, a fraction of euros")
    before: Decimal | None = Field(description="In the edition that this one replaces")
    difference: Decimal | None
    slices: list[SliceOut]
    explanation: str


class ShareDetailOut(ShareOut):
    """With its rules and lines."""

    rules_version: str
    label: str
    lines: list[ShareLineOut]


@router.get("/funding-shares/rules", operation_id="getFundingRules", summary="What is shared, by which keys")
async def get_rules(*, caller: AssociationReader, rules: FundingRulesDep) -> FundingRules:
    """The rules of the territory; without a file, none."""
    return rules


@router.post(
    "/funding-shares",
    operation_id="shareFunding",
    summary="Share a sum among the members",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def post_share(
    *, caller: AssociationWriter, work: WorkDep, runtime: RuntimeDep, rules: FundingRulesDep, body: SharingIn
) -> ShareDetailOut:
    """A draft with every line explained. With `replaces`, the differences to that one.

    409 `no_pots`, `nobody_counts` (`key`), `not_approved`, `replaced_already`. 422 `pot_unknown`, `period_reversed`,
    `key_not_stated`, `figure_twice`, `member_unknown`, `pot_differs`.
    """
    values = body.model_dump()
    values["figures"] = tuple(Figure(**it) for it in values["figures"])
    share_id = await share_funding(work, caller, rules, Sharing(**values))
    return _detail(await show_share(work, runtime.keyring, share_id))


@router.get("/funding-shares", operation_id="listFundingShares", summary="Sharings, the latest first")
async def get_shares(
    *,
    caller: AssociationReader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    pot: CodeQuery = None,
    state: State | None = None,
) -> Page[ShareOut]:
    """Drafts, approved ones with their editions, discarded ones; `?at=` as they stood."""
    rows = await list_shares(work, pot=pot, state=state, until=until, before=page.first_key(_ID), limit=page.limit)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_share(row) for row in kept], next=following)


@router.get(
    "/funding-shares/{share_id}",
    operation_id="getFundingShare",
    summary="One sharing, line by line",
    responses=problem_responses(404),
)
async def get_share(*, caller: AssociationReader, work: WorkDep, runtime: RuntimeDep, share_id: UUID) -> ShareDetailOut:
    """Each amount with the keys, figures and fractions that it comes from."""
    return _detail(await show_share(work, runtime.keyring, share_id))


@router.get(
    "/funding-shares/{share_id}/file",
    operation_id="getFundingShareFile",
    summary="A sharing as a file",
    response_class=Response,
    responses={**_FILE, **problem_responses(404)},
)
async def get_file(
    *,
    caller: AssociationReader,
    work: WorkDep,
    runtime: RuntimeDep,
    reference: ReferenceDep,
    share_id: UUID,
    wanted: Annotated[Format, Query(alias="format")] = "csv",
) -> Response:
    """A line for each member."""
    row, content = await print_share(work, runtime.keyring, reference, share_id, wanted)
    number = "projet" if row["number"] is None else f"{row['number']}-{row['edition']}"
    return file_answer(content, MEDIA_TYPES[wanted], f"repartition_{work.territory}_{number}.{wanted}")


@router.post(
    "/funding-shares/{share_id}/approve",
    operation_id="approveFundingShare",
    summary="Approve a sharing",
    responses=problem_responses(404, 409),
)
async def post_approve(
    *, caller: AssociationWriter, work: WorkDep, rules: FundingRulesDep, share_id: UUID, body: ApproveIn
) -> ShareOut:
    """Numbered, and never changed again; a correction is its next edition.

    409 `not_a_draft`, `replaced_already`, `not_adopted`, `ballot_open`. 422 `vote_required`, `ballot_unknown`.
    """
    return _share(await approve_share(work, caller, rules, share_id, body.ballot_id))


@router.post(
    "/funding-shares/{share_id}/discard",
    operation_id="discardFundingShare",
    summary="Discard a draft",
    responses=problem_responses(404, 409),
)
async def post_discard(*, caller: AssociationWriter, work: WorkDep, share_id: UUID) -> ShareOut:
    """It is kept and shown as such. 409 `not_a_draft`."""
    return _share(await discard_share(work, caller, share_id))


def _share(row: Record) -> ShareOut:
    return filled(ShareOut, row)


def _detail(found: ShareView) -> ShareDetailOut:
    return filled(
        ShareDetailOut,
        found.row,
        rules_version=found.terms["version"],
        label=found.terms["pot"]["label"],
        lines=[_line(found, it) for it in found.lines],
    )


def _line(found: ShareView, it: ShareLine) -> ShareLineOut:
    compared = found.row["replaces_id"] is not None
    return ShareLineOut(
        **{name: getattr(it, name) for name in ("member_id", "name", "rpps", "amount", "exact", "before")},
        difference=it.amount - (it.before or Decimal("0.00")) if compared else None,
        slices=[SliceOut(**part) for part in it.slices],
        explanation=explained(found.terms, it.slices, found.row["total"]),
    )
