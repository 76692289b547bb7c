"""domain/ has no clock, no randomness and no I/O: what it needs is given to it."""

import ast
from typing import Any

FORBIDDEN_CALLS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "monotonic"), ("uuid", "uuid4"), ("os", "getenv"),
}  # fmt: skip
FORBIDDEN_IMPORTS = {"asyncio", "os", "random", "secrets", "socket", "subprocess", "urllib", "requests"}


def test_the_domain_reads_no_clock_and_does_no_input_or_output(service_sources: list[tuple[str, Any]]) -> None:
    offenders = [
        f"{source.path}:{line} {what}"
        for package, source in service_sources
        if source.inside(package)[0] == "domain"
        for line, what in impurities(source.tree)
    ]
    assert offenders == []


def test_the_rule_sees_clocks_randomness_and_files() -> None:
    code = "import random\nfrom os import path\nnow = datetime.now(UTC)\nopen('x')"
    assert [what for _, what in impurities(ast.parse(code))] == ["random", "os", "datetime.now", "open"]


def impurities(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, what), in the order of the file."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, name.name) for name in node.names if name.name.split(".")[0] in FORBIDDEN_IMPORTS]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN_IMPORTS:
            found.append((node.lineno, str(node.module)))
        elif isinstance(node, ast.Call) and (name := _called(node.func)):
            found.append((node.lineno, name))
    return sorted(found)


def _called(function: ast.expr) -> str | None:
    if isinstance(function, ast.Name) and function.id == "open":
        return "open"
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        pair = (function.value.id, function.attr)
        return ".".join(pair) if pair in FORBIDDEN_CALLS else None
    return None
