"""Parquet, one table with typed columns: that of the CSV, for tools of analysis."""

import io

from indicators.domain.report import Report
from indicators.formats.flat import COLUMNS, lines


def write(report: Report) -> bytes:
    """Compressed with zstd. What is not known is null."""
    from arro3.core import Array, DataType, Field, Schema, Table  # noqa: PLC0415 - loads a native library
    from arro3.io import write_parquet  # noqa: PLC0415

    kinds = {str: DataType.string(), int: DataType.int64(), float: DataType.float64(), bool: DataType.bool()}
    told = list(lines(report))
    fields = [Field(name, kinds[kind], nullable=True) for name, kind in COLUMNS.items()]
    columns = [
        Array([None if (it := cells[name]) is None else kind(it) for cells in told], type=kinds[kind])
        for name, kind in COLUMNS.items()
    ]
    out = io.BytesIO()
    write_parquet(Table.from_arrays(columns, schema=Schema(fields)), out, compression="zstd(3)")
    return out.getvalue()
