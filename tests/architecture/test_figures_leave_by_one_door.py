"""Figures are computed in one place and shown by another: who computes them without showing them is named here."""

import ast
from typing import Any

COMPUTES = "indicators.usecases.compute_figures"
ALLOWED = {
    "usecases/show_figures.py": "the door: approved figures, small numbers hidden",
    "usecases/move_period.py": "approves them",
    "usecases/hide_numbers.py": "decides what an approval hides",
    "usecases/guard_evidence.py": "asks whether a number is small, and answers none",
    "usecases/compare_with_approval.py": "shows those who approve what changed since",
    "usecases/compare_streams.py": "compares a rebuild with what is served, and answers no figure",
}


def test_nobody_else_computes_figures(service_sources: list[tuple[str, Any]]) -> None:
    found = {
        "/".join(source.inside(package))
        for package, source in service_sources
        if package.endswith("/indicators") and COMPUTES in imported(source.tree)
    }
    assert found == set(ALLOWED), "figures leave through show_figures"


def test_the_rule_sees_every_way_to_import() -> None:
    code = (
        "from indicators.usecases.compute_figures import x\nfrom indicators.usecases import compute_figures\n"
        "import indicators.usecases.compute_figures as y\n"
    )
    assert [COMPUTES in imported(ast.parse(line)) for line in code.splitlines()] == [True] * 3


def imported(tree: ast.AST) -> set[str]:
    """The modules that a file imports, also within functions."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
