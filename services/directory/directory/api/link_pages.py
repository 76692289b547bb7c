"""Pages behind personal links, in French: no script, nothing fetched, nothing followed, everything escaped."""

from typing import Any

from fastapi import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

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
