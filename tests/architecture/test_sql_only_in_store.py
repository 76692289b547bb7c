"""SQL is spoken in store/ alone: elsewhere nobody calls the transaction's statement methods."""

import ast
from typing import Any

STATEMENTS = {"fetch", "fetchrow", "fetchval", "execute", "executemany", "copy_records_to_table", "orm"}


def test_only_the_store_runs_statements(service_sources: list[tuple[str, Any]]) -> None:
    offenders = [
        f"{source.path}:{line} work.{method}"
        for package, source in service_sources
        if source.inside(package)[0] not in {"store", "migrations"}
        for line, method in statements_in(source.tree)
    ]
    assert offenders == []


def test_the_rule_sees_a_statement_however_the_transaction_is_reached() -> None:
    code = "async def f(work, request):\n await work.fetchval('x')\n await request.work.execute('y')\n work.emit('z')"
    assert [method for _, method in statements_in(ast.parse(code))] == ["fetchval", "execute"]


def test_the_rule_has_files_to_look_at(service_sources: list[tuple[str, Any]]) -> None:
    stores = {package for package, source in service_sources if source.inside(package)[0] == "store"}
    assert len(stores) == 4


def statements_in(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, method) of calls such as `work.fetch(...)` or `something.work.execute(...)`."""
    return [
        (node.lineno, node.func.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in STATEMENTS
        and _is_work(node.func.value)
    ]


def _is_work(target: ast.expr) -> bool:
    name = target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""
    return name in {"work", "_work", "connection", "session"}
