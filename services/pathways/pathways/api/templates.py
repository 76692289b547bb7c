"""Routes on the pathways that a territory offers."""

from typing import Annotated, Any

from fastapi import Path, Response

from kit.http import RuntimeDep, service_router
from kit.pagination import Page
from kit.problems import Problem, problem_responses
from pathways.api.params import Reader, templates_of
from pathways.api.schemas_enrolments import TemplateCode
from pathways.domain.diagram import draw
from pathways.domain.template import Template

router = service_router(tags=["pathway templates"])

TemplatePath = Annotated[TemplateCode, Path(description="Id of a pathway of the territory", examples=["lung-cancer"])]
_SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}, "description": "The diagram"}
}


@router.get("/pathway-templates", operation_id="listPathwayTemplates", summary="Pathways of the territory")
async def several(*, caller: Reader, runtime: RuntimeDep) -> Page[Template]:
    """Roles, consent text, steps with their windows in calendar days, alerts, documents. Always one page."""
    return Page(items=list(templates_of(runtime, caller).values()), next=None)


@router.get(
    "/pathway-templates/{template_id}",
    operation_id="getPathwayTemplate",
    summary="A pathway",
    responses=problem_responses(404),
)
async def one(*, caller: Reader, runtime: RuntimeDep, template_id: TemplatePath) -> Template:
    """In the version in force."""
    found = templates_of(runtime, caller).get(template_id)
    if found is None:
        raise Problem(404, "template_unknown", "See /v1/pathway-templates for those of this territory")
    return found


@router.get(
    "/pathway-templates/{template_id}/diagram.svg",
    operation_id="drawPathwayTemplate",
    summary="A pathway as a diagram",
    responses={**problem_responses(404), **_SVG},
    response_class=Response,
)
async def diagram(*, caller: Reader, runtime: RuntimeDep, template_id: TemplatePath) -> Response:
    """SVG: one line a step, its window in days after the enrolment, arrows from what it counts from."""
    template = await one(caller=caller, runtime=runtime, template_id=template_id)
    return Response(draw(template), media_type="image/svg+xml")
