from hypothesis import given
from hypothesis import strategies as st

from directory.domain.lines import MAX_LINE, Line, LineReader, first_line


def read(content: bytes, size: int, reader: LineReader | None = None) -> list[Line]:
    reader = reader or LineReader()
    lines = [line for at in range(0, len(content), size) for line in reader.feed(content[at : at + size])]
    return [*lines, *reader.finish()]


@given(
    st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b""))), st.integers(1, 40)
)
def test_chunks_do_not_show(rows: list[bytes], size: int) -> None:
    content = b"".join(row + b"\n" for row in rows)
    lines = read(content, size)
    assert [line.raw for line in lines] == rows
    assert [line.number for line in lines] == list(range(1, len(rows) + 1))
    assert not lines or lines[-1].end == len(content)


def test_the_last_line_may_lack_its_line_feed_and_windows_ends_are_taken() -> None:
    assert [line.raw for line in read(b"a\r\nb\n\nc", 3)] == [b"a", b"b", b"", b"c"]


def test_reading_goes_on_from_any_line() -> None:
    content = b"one\ntwo\nthree\n"
    second = read(content, 4)[1]
    rest = read(content[second.end :], 4, LineReader(second.number, second.end))
    assert rest == [Line(3, len(content), b"three")]


def test_an_endless_line_is_dropped_but_counted() -> None:
    content = b"short\n" + b"x" * (3 * MAX_LINE) + b"\nshort\n"
    lines = read(content, 1000)
    assert [line.raw for line in lines] == [b"short", None, b"short"]
    assert lines[-1].end == len(content)


def test_the_first_line_of_a_chunk() -> None:
    assert first_line(b"header\r\nrow") == b"header"
    assert first_line(b"header") == b"header"
    assert first_line(b"x" * (MAX_LINE + 1)) is None
