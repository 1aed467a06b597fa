"""Parquet, and the same as a DataFrame: for programs and notebooks."""

import io
from typing import IO

import pandas as pd
import pyarrow as pa
from pyarrow import csv, parquet
from sqlalchemy.orm import Session

from core.exports.asking import Query
from core.exports.copying import Stream, copied
from core.exports.tables import Column, Kind

TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(), "number": pa.int64(), "quantity": pa.decimal128(18, 3), "money": pa.decimal128(18, 2),
    "price": pa.decimal128(18, 4), "percent": pa.decimal128(9, 2), "day": pa.date32(), "moment": pa.timestamp("us"),
}  # fmt: skip
BLOCK = 4 << 20


def write_parquet(session: Session, query: Query, target: IO[bytes]) -> int:
    """Write all rows, typed, columns under their names in the table; returns how many. Values are codes, not words."""
    rows, writer = 0, parquet.ParquetWriter(target, _schema(query), compression="zstd")
    with writer, _reader(session, query) as reader:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def frame(session: Session, query: Query) -> pd.DataFrame:
    """All rows as a DataFrame; amounts and quantities are Decimal, days and moments pandas' own."""
    with _reader(session, query) as reader:
        found: pd.DataFrame = pa.Table.from_batches(reader, _schema(query)).to_pandas()
    return found


def _schema(query: Query) -> pa.Schema:
    return pa.schema([(column.name, TYPES[column.kind]) for column in query.columns])


def _reader(session: Session, query: Query) -> csv.CSVStreamingReader:
    cells = ", ".join(_cell(column) for column in query.columns)
    pieces = copied(session, query, f"select {cells} from {{}}", "format csv")
    names = [column.name for column in query.columns]
    return csv.open_csv(
        io.BufferedReader(Stream(pieces), BLOCK),
        csv.ReadOptions(column_names=names, block_size=BLOCK),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(column_types={column.name: TYPES[column.kind] for column in query.columns},
                           null_values=[""], strings_can_be_null=False),
    )  # fmt: skip


def _cell(column: Column) -> str:
    value = f'asked."{column.name}"'
    return f"coalesce({value}, '')" if column.kind == "text" else value
