"""What a service says about each route, as in its OpenAPI document: its path, its method and the scopes it asks."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.auth import Caller, require_scopes

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(frozen=True)
class Operation:
    """One documented route. `path` is its template. A caller needs all the scopes of one of `alternatives`."""

    path: str
    alternatives: tuple[tuple[str, ...], ...]

    def authorise(self, caller: Caller) -> None:
        """Raises Problem 403 `scope_missing` when no alternative is covered."""
        if self.alternatives and not any(caller.scopes.issuperset(scopes) for scopes in self.alternatives):
            require_scopes(caller, list(self.alternatives[0]))


class Operations:
    """The routes of one service, found by method and path."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._exact: dict[tuple[str, str], Operation] = {}
        self._patterns: dict[tuple[str, int], list[tuple[tuple[str | None, ...], Operation]]] = defaultdict(list)
        default = document.get("security", [])
        for template, item in document.get("paths", {}).items():
            for method in METHODS & item.keys():
                self._add(method.upper(), template, item[method].get("security", default))

    def find(self, method: str, path: str) -> Operation | None:
        """The operation behind a request, None when the document has none (the service then answers 404 or 405)."""
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact
        parts = path.split("/")
        for pattern, operation in self._patterns.get((method, len(parts)), ()):
            if all(wanted is None or wanted == part for wanted, part in zip(pattern, parts, strict=True)):
                return operation
        return None

    def _add(self, method: str, template: str, security: list[dict[str, list[str]]]) -> None:
        # Within one requirement every scheme counts; several requirements are alternatives (OpenAPI 3.1, 4.8.30).
        alternatives = tuple(tuple(scope for scopes in need.values() for scope in scopes) for need in security)
        operation = Operation(template, alternatives)
        if "{" not in template:
            self._exact[method, template] = operation
            return
        pattern = tuple(None if "{" in part else part for part in template.split("/"))
        self._patterns[method, len(pattern)].append((pattern, operation))
