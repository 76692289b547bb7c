"""What an answer says of a row."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def filled(kind: type[M], row: Mapping[str, Any], **own: Any) -> M:
    """The answer of a row: `own`, and the row's columns for the model's other fields."""
    return kind(**{name: row[name] for name in kind.model_fields if name not in own}, **own)
