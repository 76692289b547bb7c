"""Pages behind links of messages: plain HTML in French, no script, nothing fetched, nothing told to other sites."""

from fastapi.responses import HTMLResponse

_HEAD = '<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="robots" content="noindex">'
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(title: str, body: str) -> HTMLResponse:
    """A page. Title and body are ours, never what somebody typed."""
    return HTMLResponse(f"{_HEAD}<title>{title}</title>{body}</html>", headers=_POLICY)
