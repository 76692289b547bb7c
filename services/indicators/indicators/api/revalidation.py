"""Answers that a cache may keep if it asks each time whether they still hold: a figure may change with any commit."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from indicators.domain.figures import Figure

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


class Revalidation:
    """What the client holds, and what it is told to hold."""

    def __init__(self, request: Request, response: Response) -> None:
        held = request.headers.get("if-none-match", "")
        self._held, self._response = {mark.strip() for mark in held.split(",")}, response

    def unchanged(self, figures: Iterable[Figure]) -> Response | None:
        """304 when the client holds these figures, whenever they were computed; else None, and the answer is marked."""
        told = repr([replace(figure, computed_at=_NEVER) for figure in figures])
        self.headers = {
            "ETag": f'W/"{hashlib.sha256(told.encode()).hexdigest()[:32]}"',
            "Cache-Control": "private, no-cache",
        }
        if self.headers["ETag"] in self._held:
            return Response(status_code=304, headers=self.headers)
        self._response.headers.update(self.headers)
        return None


async def _revalidation(request: Request, response: Response) -> Revalidation:
    return Revalidation(request, response)


RevalidationDep = Annotated[Revalidation, Depends(_revalidation)]

NOT_MODIFIED: dict[int | str, dict[str, str]] = {
    304: {"description": "What the client holds (If-None-Match) still holds"}
}
