"""Small pieces: a function fits on a screen, a file holds one idea. Migrations are exempt."""

import ast
from typing import Any

LONGEST_FUNCTION, LONGEST_FILE, USUAL_FILE = 60, 500, 300


def test_no_function_is_longer_than_a_screen(sources: list[Any]) -> None:
    long_ones = [
        f"{source.path}:{node.lineno} {node.name} has {length} lines"
        for source in _written_by_hand(sources)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long_ones == []


def test_files_are_short(sources: list[Any]) -> None:
    lengths = {str(source.path): source.text.count("\n") for source in _written_by_hand(sources)}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}
    above_usual = [path for path, length in lengths.items() if length > USUAL_FILE]
    assert len(above_usual) <= len(lengths) // 10, above_usual


def _written_by_hand(sources: list[Any]) -> list[Any]:
    return [source for source in sources if "migrations" not in source.path.parts]
