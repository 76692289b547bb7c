"""Cursors of this service's lists: what stands in them, or a refusal."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from kit.pagination import PageParams
from kit.problems import Problem, field_problem

T = TypeVar("T")


def after(adapter: TypeAdapter[T], page: PageParams) -> T | None:
    """The sort key of the last row seen, None on the first page. Raises Problem 422 for a forged cursor."""
    try:
        return adapter.validate_python(page.after) if page.after is not None else None
    except ValidationError:
        raise refused() from None


def refused() -> Problem:
    """422: the cursor does not come from a page of this list."""
    return field_problem("cursor", "cursor_invalid", "Use the `next` value of a page of this list")
