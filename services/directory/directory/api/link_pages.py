"""Pages behind personal links, in French: no script, nothing fetched, nothing followed, everything escaped."""

from typing import Annotated, Any

from fastapi import Path, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import StringConstraints

from directory.usecases.load_reference import Reference
from kit.personal_token import TOKEN_PATTERN
from kit.problems import Problem
from kit.work import Work

SecretPath = Annotated[str, Path(pattern=TOKEN_PATTERN)]
Written = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)]
_HTML = {"text/html": {"schema": {"type": "string"}}}
SHOWN: dict[str, Any] = {"description": "A page to show", "content": _HTML}

_PAGES = Environment(loader=PackageLoader("directory.api"), autoescape=True, undefined=StrictUndefined)
_HEADERS = {
    "Cache-Control": "no-store",
    # The address of the page is a secret: it goes nowhere with a link or a log of another site.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}


def page(template: str, status: int, **parts: Any) -> Response:
    """The template with `title`, `fault`, `told`, `hint`, and what it asks (`ask`, or None)."""
    shown = {"fault": "", "told": "", "ask": None, "hint": ""} | parts
    content = _PAGES.get_template(template).render(shown).encode()
    return Response(content, status, _HEADERS, "text/html; charset=utf-8")


def answers(over: str) -> dict[int | str, dict[str, Any]]:
    """Responses of a page with a form, where refusals are pages too; `over` says what a 410 is."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {
        200: {"description": "The page", "content": _HTML},
        404: {"description": "The link is altered or not ours: a page that says so", "content": _HTML},
        410: {"description": f"{over}: a page that says so", "content": _HTML},
        422: {
            "description": "The form again, with what is wrong; problem details when it is not that form at all",
            "content": _HTML | problem,
        },
    }


def serve(work: Work, reference: Reference, territory: str) -> None:
    """The territory of the link. Raises Problem 404 for one that this deployment does not serve."""
    if territory not in reference.territories:
        raise Problem(404, "link_unknown", "This link is not one of ours")
    work.territory = territory
