"""A document as a page of its own, from the blocks that make its PDF."""

from collections.abc import Sequence
from html import escape

from kit.pdf import Block, Grid, Heading

_STYLE = (
    "body{font-family:sans-serif;max-width:50em;margin:auto}table{border-collapse:collapse}"
    "td,th{border:1px solid;padding:.2em .5em;text-align:left}"
)


def write_html(title: str, author: str, blocks: Sequence[Block]) -> str:
    """No script, nothing from elsewhere."""
    body = "\n".join(_block(it) for it in blocks)
    return (
        f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{escape(title)}</h1>\n<p>{escape(author)}</p>\n{body}\n</body></html>\n"
    )


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h2>{escape(block.text)}</h2>"
    if isinstance(block, Grid):
        lines = [_cells("th", block.head), *(_cells("td", row) for row in block.rows)]
        return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"
    return f"<p>{_lines(block.text)}</p>"


def _cells(tag: str, cells: Sequence[str]) -> str:
    return "".join(f"<{tag}>{_lines(cell)}</{tag}>" for cell in cells)


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
