"""Many requests at once, and what came of them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from typing import Any

import httpx
from dispatch_stage import Dispatch, a_call


async def together(jobs: Iterable[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*jobs))


async def open_calls(dispatch: Dispatch, count: int) -> list[dict[str, Any]]:
    answers = await together(dispatch.post("/calls", a_call()) for _ in range(count))
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json() for answer in answers]


def codes(answers: Iterable[httpx.Response]) -> Counter[Any]:
    """Codes of refusals, statuses of what succeeded."""
    return Counter(answer.json().get("code", answer.status_code) for answer in answers)
