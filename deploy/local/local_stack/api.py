"""A client of the gateway with its conventions: keys, pages, "come back later"."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx

from local_stack.ports import StackError


class Refused(StackError):
    """An answer that is no success, with the code of its problem."""

    def __init__(self, request: str, answer: httpx.Response) -> None:
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        self.code = problem.get("code")
        super().__init__(f"{request} answers {answer.status_code} {self.code}: {problem.get('detail')}")


class Api:
    """One caller of the gateway."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    async def send(self, method: str, path: str, *, key: str | None = None, **request: Any) -> Any:
        """The body of a success. Raises Refused."""
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        while True:
            answer = await self._client.request(method, path, headers=headers, **request)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
        if not answer.is_success:
            raise Refused(f"{method} {path}", answer)
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    async def each(self, path: str, **filters: str | int) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        parameters: dict[str, str | int] = {**filters, "limit": 200}
        while True:
            page = await self.send("GET", path, params=parameters)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            parameters["cursor"] = page["next"]

    async def all(self, path: str, **filters: str | int) -> list[dict[str, Any]]:
        return [item async for item in self.each(path, **filters)]
