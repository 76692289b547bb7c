"""Route of the patient's appointment sheet (*bulletin de réorientation*)."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Header, Query, Response

from kit.http import RuntimeDep, WorkDep, service_router
from kit.problems import problem_responses
from snp_dispatch.api.bulletin_html import html
from snp_dispatch.api.params import CallReader, RulesDep
from snp_dispatch.domain.bulletin import Bulletin
from snp_dispatch.usecases.write_bulletin import write_bulletin

router = service_router(tags=["bookings"])

Format = Literal["pdf", "html"]
_KEPT_NOWHERE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
_DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The sheet",
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
}


@router.get(
    "/bookings/{booking_id}/bulletin",
    operation_id="getBulletin",
    summary="The patient's appointment sheet (bulletin de réorientation)",
    response_class=Response,
    responses={**_DOCUMENT, **problem_responses(404, 409)},
)
async def get_bulletin(
    *,
    caller: CallReader,
    work: WorkDep,
    runtime: RuntimeDep,
    rules: RulesDep,
    booking_id: UUID,
    wanted: Annotated[Format | None, Query(alias="format", description="Goes before `Accept`; PDF by default")] = None,
    accept: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """Date, hour with its time zone, place, practitioner, instructions, what to do if it gets worse.

    It carries the patient's name when the caller may read the contact (that reading is written down), else a blank
    to fill by hand. The name stands in the document only. 409 `booking_not_active` for a visit that is off.
    """
    sheet = await write_bulletin(work, rules, runtime.keyring, caller, booking_id)
    kind = wanted or ("html" if _prefers_html(accept) else "pdf")
    place = "attachment" if kind == "pdf" else "inline"
    return Response(
        await asyncio.to_thread(_pdf, sheet) if kind == "pdf" else html(sheet),
        media_type="application/pdf" if kind == "pdf" else "text/html",
        headers=_KEPT_NOWHERE | {"Content-Disposition": f'{place}; filename="bulletin-{sheet.reference}.{kind}"'},
    )


def _pdf(sheet: Bulletin) -> bytes:
    from snp_dispatch.api.bulletin_pdf import pdf  # noqa: PLC0415 - a start need not wait for what lays out pages

    return pdf(sheet)


def _prefers_html(accept: str) -> bool:
    """HTML named before PDF; what browsers and clients send needs no more."""
    kinds = [part.split(";")[0].strip() for part in accept.split(",")]
    asked = [kind for kind in kinds if kind in ("text/html", "application/pdf")]
    return asked[:1] == ["text/html"]
