"""How many events a service has published, for whoever checks that it holds them all (docs/adr/0050)."""

from datetime import date

from starlette.requests import Request
from starlette.responses import JSONResponse

from contracts.envelope import NATIONAL

_SENT = """
SELECT day::text, type, sum(sent)::bigint AS sent FROM outbox_daily
WHERE day >= $1 GROUP BY day, type ORDER BY day, type
"""


async def produced(request: Request) -> JSONResponse:
    """`GET /produced?since=2026-11-01`: a line a day (UTC, of when it occurred) and type. 422 for what is no day.

    For the probes' port, which stays inside: it names no territory and no person.
    """
    try:
        since = date.fromisoformat(request.query_params.get("since", "1970-01-01"))
    except ValueError:
        return JSONResponse({"code": "day_invalid", "field": "since"}, 422)
    async with request.app.state.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch(_SENT, since)
    return JSONResponse({"items": [dict(row) for row in rows]})
