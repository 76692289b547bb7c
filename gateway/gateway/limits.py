"""How many requests one client may send. It stops a loop gone wrong; it never hinders an emergency department."""

import math
import time
from importlib.resources import as_file, files
from pathlib import Path

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from pydantic import BaseModel, ConfigDict, field_validator

from kit.auth import Caller
from kit.problems import Problem
from kit.territories import load_yaml

_FORGET_ABOVE = 10_000


class LimitsFile(BaseModel):
    """`limits.yaml` as validated at start: a limit for each class of token."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    version: str
    classes: dict[str, RateLimitItem]

    @field_validator("classes", mode="before")
    @classmethod
    def _parsed(cls, value: dict[str, str]) -> dict[str, RateLimitItem]:
        return {name: parse(limit) for name, limit in value.items()}

    @field_validator("classes")
    @classmethod
    def _person_is_there(cls, value: dict[str, RateLimitItem]) -> dict[str, RateLimitItem]:
        if "person" not in value:
            raise ValueError("the class 'person' is the default and must be there")
        return value


class LoopMemory(Storage):
    """Counters of one event loop: no lock and no thread.

    The library's own storages in memory start a thread every ten milliseconds (the synchronous one) or
    visit every known client at each hit (the asynchronous one).
    """

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        count, ends = self._windows.get(key, (0, 0.0))
        if ends <= (now := time.time()):
            self._forget(now)
            count, ends = 0, now + expiry
        self._windows[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._windows.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        known = len(self._windows)
        self._windows.clear()
        return known

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)

    def _forget(self, now: float) -> None:
        if len(self._windows) > _FORGET_ABOVE:
            self._windows = {key: window for key, window in self._windows.items() if window[1] > now}


class RateLimiter:
    """A fixed window per client, in this process's memory."""

    def __init__(self, source: LimitsFile) -> None:
        self._classes = source.classes
        self._windows = FixedWindowRateLimiter(LoopMemory())

    @classmethod
    def load(cls, path: Path | None = None) -> "RateLimiter":
        """Reads `path`, or the file of this package. Raises kit.territories.BadFileError."""
        if path is not None:
            return cls(load_yaml(path, LimitsFile))
        with as_file(files("gateway") / "limits.yaml") as own:
            return cls(load_yaml(own, LimitsFile))

    def count(self, caller: Caller) -> None:
        """Counts one request. Raises Problem 429 `rate_limited` when the client has used up its window."""
        name = caller.client_class if caller.client_class in self._classes else "person"
        limit = self._classes[name]
        if not self._windows.hit(limit, caller.territory, caller.subject):
            raise self._refusal(name, limit, caller)

    def _refusal(self, name: str, limit: RateLimitItem, caller: Caller) -> Problem:
        window = self._windows.get_window_stats(limit, caller.territory, caller.subject)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        headers = {
            "Retry-After": str(wait),
            "RateLimit-Policy": f'"{name}";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"{name}";r={window.remaining};t={wait}',
        }
        return Problem(429, "rate_limited", f"More than {limit} for one {name}", headers=headers)
