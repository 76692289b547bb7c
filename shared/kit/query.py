"""Putting optional filters of a search together, with the values as parameters."""

from typing import Any


class Query:
    """SQL in parts. Each `?` of a part becomes the next `$n`."""

    def __init__(self) -> None:
        self.args: list[Any] = []

    def bind(self, sql: str, *values: Any) -> str:
        """The part with its parameters numbered."""
        for value in values:
            self.args.append(value)
            sql = sql.replace("?", f"${len(self.args)}", 1)
        return sql
