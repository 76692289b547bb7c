"""CSV, one table."""

from indicators.domain.report import Report
from indicators.formats.csv_cells import BOM, line
from indicators.formats.flat import COLUMNS, lines


def write(report: Report) -> bytes:
    """UTF-8 with byte order mark, a header line, then the lines of `flat`."""
    table = [line(COLUMNS), *(line(cells.values()) for cells in lines(report))]
    return (BOM + "".join(table)).encode()
