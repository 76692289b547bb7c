"""The rows of a small CSV file that somebody sends."""

import csv
from io import StringIO

from kit.problems import field_problem


def csv_rows(content: bytes, field: str = "file") -> list[list[str]]:
    """Cells without the blanks around them. UTF-8 (a byte order mark is fine); `;` or `,`, as the first line has more.

    Raises Problem 422 `not_utf8` or `not_a_csv` about the field of the request.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise field_problem(field, "not_utf8", "Save the file as CSV in UTF-8") from None
    if "\0" in text:
        raise field_problem(field, "not_a_csv", "The file is no text")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error:
        raise field_problem(field, "not_a_csv", "A cell never ends: is a quotation mark missing?") from None
