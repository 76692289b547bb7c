"""Pages behind personal links: no script, nothing fetched, nothing followed, everything escaped (docs/adr/0030)."""

from collections.abc import Container
from typing import Annotated, Any

from fastapi import Path, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from kit.personal_token import TOKEN_PATTERN
from kit.problems import MEDIA_TYPE, Problem
from kit.work import Work

SecretPath = Annotated[str, Path(pattern=TOKEN_PATTERN)]
HTML = {"text/html": {"schema": {"type": "string"}}}
SHOWN: dict[str, Any] = {"description": "A page to show", "content": HTML}
_HEADERS = {
    "Cache-Control": "no-store",
    # The address of the page is a secret: it goes nowhere with a link or a log of another site.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}


class LinkPages:
    """The templates of a package's pages. `default` are the parts of a page that has none of its own."""

    def __init__(self, package: str, **default: Any) -> None:
        self._templates = Environment(loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined)
        self._default = default

    def page(self, template: str, status: int, **parts: Any) -> Response:
        """The template with its parts."""
        content = self._templates.get_template(template).render(self._default | parts).encode()
        return Response(content, status, _HEADERS, "text/html; charset=utf-8")


def page_answers(over: str) -> dict[int | str, dict[str, Any]]:
    """Responses of a page with a form, where refusals are pages too; `over` says what a 410 is."""
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {
        200: {"description": "The page", "content": HTML},
        404: {"description": "The link is altered or not ours: a page that says so", "content": HTML},
        410: {"description": f"{over}: a page that says so", "content": HTML},
        422: {
            "description": "The form again, with what is wrong; problem details when it is not that form at all",
            "content": HTML | problem,
        },
    }


def serve(work: Work, territories: Container[str], territory: str) -> None:
    """The territory of the link. Raises Problem 404 for one that this deployment does not serve."""
    if territory not in territories:
        raise Problem(404, "link_unknown", "This link is not one of ours")
    work.territory = territory
