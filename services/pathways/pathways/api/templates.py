"""Routes on the pathways that a territory offers."""

from kit.http import RuntimeDep, service_router
from kit.pagination import Page
from pathways.api.params import Reader, templates_of
from pathways.domain.template import Template

router = service_router(tags=["pathway templates"])


@router.get("/pathway-templates", operation_id="listPathwayTemplates", summary="Pathways of the territory")
async def several(*, caller: Reader, runtime: RuntimeDep) -> Page[Template]:
    """Roles, consent text, and steps with their windows in calendar days. Always one page."""
    return Page(items=list(templates_of(runtime, caller).values()), next=None)
