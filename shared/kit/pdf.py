"""A document as PDF: a title, then paragraphs, headings, tables and plots in order. The same input, the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """The name of a part."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; its line breaks are kept."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table; `widths` are parts of the line. A `dense` one has many columns: small letters, little room around."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] | None = None
    dense: bool = False


@dataclass(frozen=True)
class Bars:
    """Horizontal bars: for each label one bar a series. A value that is not known has no bar."""

    title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]


Block = Heading | Text | Grid


def write_pdf(title: str, author: str, blocks: Sequence[Block | Bars], *, numbered: bool = False) -> bytes:
    """Takes some ten milliseconds a page: in a thread. `numbered` pages say their number and the title."""
    from kit.pdf_layout import lay_out  # noqa: PLC0415 - a start need not wait for what lays out pages

    return lay_out(title, author, blocks, numbered=numbered)
