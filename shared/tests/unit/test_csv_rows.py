"""Small CSV files as people save them."""

import pytest

from kit.csv_rows import csv_rows
from kit.problems import Problem


@pytest.mark.parametrize("content", [b"a;b\n1; 2 \n", b"a,b\r\n1,2\r\n", "\ufeffa;b\n1;2".encode(), b'a;b\n"1";"2"\n'])
def test_rows(content: bytes) -> None:
    assert csv_rows(content) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("é".encode("latin-1"), "not_utf8"),
        (b"\0", "not_a_csv"),
        (b'"' + b"x" * 200_000, "not_a_csv"),
    ],
)
def test_what_is_no_csv_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        csv_rows(content, "vaccinated")
    assert refused.value.code == code
    assert refused.value.extra["errors"][0]["field"] == "vaccinated"
