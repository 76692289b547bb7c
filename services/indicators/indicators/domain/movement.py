"""A figure beside that of the period before."""

from typing import Literal

Movement = Literal["up", "down", "stable"]


def movement(value: float | None, before: float | None) -> Movement | None:
    """Where the figure went; None when one of the two is unknown."""
    if value is None or before is None:
        return None
    return "stable" if value == before else "up" if value > before else "down"
