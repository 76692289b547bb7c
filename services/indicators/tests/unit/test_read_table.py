"""Tables that somebody sends: read as they are seen, and refused without harm when they are broken."""

import zipfile
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook

from indicators.usecases.read_table import table_rows
from kit.problems import Problem


def workbook(*rows: list[Any], **formats: str) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for place, shown in formats.items():
        sheet[place].number_format = shown
    out = BytesIO()
    book.save(out)
    return out.getvalue()


async def test_cells_are_texts_as_they_are_seen() -> None:
    content = workbook(
        ["a", " b ", "c", None, None],
        [1, 2.5, 1e-7, "x", "beyond the header"],
        [0.111, 1, 1200.0, None],
        [datetime(2026, 11, 22), True, "é"],  # noqa: DTZ001 - a spreadsheet knows no zone
        A3="0.0%",
        B3="0%",
    )
    assert await table_rows(content) == [
        ["a", "b", "c"],
        ["1", "2.5", "0"],
        ["11.1", "100", "1200"],
        ["2026-11-22", "True", "é"],
    ]


async def test_a_formula_is_what_was_computed_of_it_or_nothing() -> None:
    assert await table_rows(workbook(["a"], ["=1+1"])) == [["a"], [""]]


async def test_an_empty_workbook_has_no_rows() -> None:
    assert await table_rows(workbook()) in ([], [[]])


async def test_a_broken_workbook_is_refused_whatever_is_broken() -> None:
    whole, random = workbook(["indicateur", "valeur"], ["I-01", 11.1]), Random(6)
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(random.randint(1, 20)):
            broken[random.randrange(4, len(broken))] = random.randrange(256)
        with suppress(Problem):  # anything else would be a fault of ours
            await table_rows(bytes(broken))


async def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    assert len(out.getvalue()) < 100_000
    with pytest.raises(Problem) as refused:
        await table_rows(out.getvalue())
    assert refused.value.code == "table_too_large"


async def test_a_table_has_an_end() -> None:
    with pytest.raises(Problem) as refused:
        await table_rows(b"a;b\n" + b"1;2\n" * 5001)
    assert refused.value.code == "table_too_large"
