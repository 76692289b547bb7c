"""What callers of the whole stack send."""

from collections.abc import Callable
from uuid import uuid4

import httpx

Token = Callable[..., str]
Client = Callable[..., httpx.AsyncClient]


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid4().hex}
