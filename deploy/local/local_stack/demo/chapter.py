"""A chapter of the play."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from local_stack.demo.play import Play


@dataclass(frozen=True)
class Chapter:
    """What is played, and the indicators that its events move. Raises StackError or TimeoutError."""

    title: str
    moves: tuple[str, ...]
    act: Callable[[Play], Awaitable[None]]
