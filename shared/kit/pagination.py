"""Cursor pagination, the same on every list: `limit` (50, at most 200) and an opaque `cursor`."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel, TypeAdapter, ValidationError

from kit.problems import Problem, field_problem

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """`next` is the cursor of the following page, null on the last one."""

    items: list[T]
    next: str | None


@dataclass(frozen=True)
class PageParams:
    """Where a page starts and how long it is. `after` is the sort key of the last row seen."""

    limit: int
    after: list[Any] | None

    def key(self, kind: TypeAdapter[T]) -> T | None:
        """The sort key of the last row seen, checked: it comes from outside. Raises Problem 422 `cursor_invalid`."""
        try:
            return None if self.after is None else kind.validate_python(self.after)
        except ValidationError:
            raise invalid_cursor() from None

    def first_key(self, kind: TypeAdapter[tuple[T]]) -> T | None:
        """The same, of a list that is sorted by one column."""
        found = self.key(kind)
        return found[0] if found else None


async def _page_params(
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
) -> PageParams:
    return PageParams(limit, _decode(cursor) if cursor else None)


PageDep = Annotated[PageParams, Depends(_page_params)]


def page_of(rows: Sequence[T], params: PageParams, key: Callable[[T], list[Any]]) -> tuple[Sequence[T], str | None]:
    """Cuts `limit + 1` rows to a page; `key` gives the sort key of a row (JSON values)."""
    kept = rows[: params.limit]
    return kept, _encode(key(kept[-1])) if len(rows) > params.limit else None


def _encode(key: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key, default=str)).rstrip(b"=").decode()


def _decode(cursor: str) -> list[Any]:
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        key = None
    if not isinstance(key, list):
        raise invalid_cursor()
    return key


def invalid_cursor() -> Problem:
    """422: the cursor does not come from a page of this list."""
    return field_problem("cursor", "cursor_invalid", "Use the `next` value of a page of this list as it is")
