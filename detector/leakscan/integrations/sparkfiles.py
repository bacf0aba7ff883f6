"""Files read and written by Spark: text by its lines, Parquet by its rows, with the place of each finding.

Text is read twice as far as figures go: the splits of a file are counted where they are scanned, and their
sums, known at the end, turn a line of a split into a line of the file.

Not here: data frames of others (`spark`), what runs in the workers (`archives`, `arrow`), options (`cli`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from leakscan.errors import ConfigError

from .archives import BLOCK, FOUND, LINE, PATH, redact_lines, scan_lines
from .engine import Engine
from .spark import mapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from pyspark.sql import DataFrame, Row, SparkSession

    from leakscan.redact import Failure, Style

#: The fields of `leakscan --format jsonl`, in their order.
_FIELDS: Final = (
    "path", "line", "start", "end", "offset", "rule_id", "description", "provider", "severity", "confidence",
    "fingerprint", "masked", "timestamp", "json_path", "service",
)  # fmt: skip
_ROW: Final = "_leakscan_row"
_ROWS: Final = "_leakscan_rows"


@dataclass(frozen=True, slots=True)
class Done:
    """What a scan came to: findings, lines or rows, their bytes, and what could not be scanned."""

    found: int
    lines: int
    size: int
    failures: list[tuple[str, str]] = field(default_factory=list)


def refuse_existing(spark: SparkSession, out: str) -> None:
    """Check that the folder to write is not there: Spark does so when all has been read.

    Raises:
        ConfigError: it is.

    """
    java = spark.sparkContext._jvm  # noqa: SLF001 - the only way to Hadoop's file systems
    path = java.org.apache.hadoop.fs.Path(out)
    configuration = spark._jsparkSession.sessionState().newHadoopConf()  # noqa: SLF001 - as above
    if path.getFileSystem(configuration).exists(path):
        raise ConfigError(f"--out {out}: already exists")


def scan_text(spark: SparkSession, paths: Sequence[str], engine: bytes, out: str) -> Done:
    """Scan files of lines; write the findings as JSON lines into the folder `out`."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    found = _lines(spark, paths).mapInArrow(partial(scan_lines, engine), _ddl(FOUND)).persist()
    try:
        splits = found.where("lines is not null").select(PATH, BLOCK, "lines", "bytes", "error").collect()
        bases, done = _summed(splits)
        before = spark.createDataFrame(
            bases, f"{PATH} string, {BLOCK} bigint, _path string, _line bigint, _byte bigint"
        )
        placed = (
            found.where("rule_id is not null")
            .join(f.broadcast(before), [PATH, BLOCK])
            .withColumn("path", f.col("_path"))
            .withColumn("line", f.col("line") + f.col("_line"))
            .withColumn("offset", f.col("offset") + f.col("_byte"))
            .withColumn("json_path", f.lit(None).cast("string"))
        )
        _write(placed, out)
        return Done(placed.count(), done.lines, done.size, done.failures)
    finally:
        found.unpersist()


def scan_parquet(spark: SparkSession, paths: Sequence[str], engine: bytes, out: str) -> Done:
    """Scan Parquet files; write the findings as JSON lines into `out`; a line is a row's number."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    table = spark.read.option("recursiveFileLookup", "true").parquet(*paths)
    named = table.select(
        "*", f.col("_metadata.file_path").alias(PATH), f.col("_metadata.row_index").alias(_ROW)
    )
    found = mapped(named, partial(_scan_rows, engine), _ddl(_figures())).persist()
    try:
        counted = found.where(f"{_ROWS} is not null").agg(f.sum(_ROWS), f.sum("bytes")).collect()[0]
        failed = found.where("error is not null").select(PATH, _ROW, "error").limit(1000).collect()
        failures = [(_plain(row[0]), f"row {row[1] + 1} could not be scanned ({row[2]})") for row in failed]
        placed = (
            found.where("rule_id is not null")
            .withColumn("path", _plain_column(PATH))
            .withColumn("line", f.col(_ROW) + 1)
            .withColumn("offset", f.col("start"))
            .withColumn("service", f.lit(None).cast("string"))
        )
        _write(placed, out)
        return Done(placed.count(), counted[0] or 0, counted[1] or 0, failures)
    finally:
        found.unpersist()


def redact_text(
    spark: SparkSession, paths: Sequence[str], engine: bytes, out: str, style: Style, on_failure: Failure
) -> None:
    """Write the lines of files without their secrets as text into the folder `out`."""
    lines = _lines(spark, paths).mapInArrow(
        partial(redact_lines, engine, style, on_failure), f"{LINE} string"
    )
    lines.write.option("lineSep", "\n").text(out)


def redact_parquet(
    spark: SparkSession, paths: Sequence[str], engine: bytes, out: str, style: Style, on_failure: Failure
) -> None:
    """Write the rows of Parquet files without their secrets as Parquet into the folder `out`."""
    table = spark.read.option("recursiveFileLookup", "true").parquet(*paths)
    mapped(table, partial(_redact_rows, engine, style, on_failure), table.schema).write.parquet(out)


def _lines(spark: SparkSession, paths: Sequence[str]) -> DataFrame:
    """Return every line with the file and the split that it is of. Only a line feed ends a line."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    text = spark.read.option("lineSep", "\n").option("recursiveFileLookup", "true").text(list(paths))
    return text.select(
        LINE, f.col("_metadata.file_path").alias(PATH), f.col("_metadata.file_block_start").alias(BLOCK)
    )


def _summed(splits: Sequence[Row]) -> tuple[list[tuple[str, int, str, int, int]], Done]:
    """Return how many lines and bytes lie before each split of a file, and the sums of all."""
    bases: list[tuple[str, int, str, int, int]] = []
    path, line, size = "", 0, 0
    total_lines = total_size = 0
    failures = []
    for split in sorted(splits, key=lambda row: (row[0], row[1])):
        if split[0] != path:
            path, line, size = split[0], 0, 0
        bases.append((path, split[1], _plain(path), line, size))
        line, size = line + split[2], size + split[3]
        total_lines, total_size = total_lines + split[2], total_size + split[3]
        if split[4] is not None:
            failures.append((_plain(path), split[4]))
    return bases, Done(0, total_lines, total_size, failures)


def _write(placed: DataFrame, out: str) -> None:
    ordered = placed.select(*_FIELDS).orderBy("path", "line", "start")
    ordered.write.option("ignoreNullFields", "false").json(out)


def _plain(uri: str) -> str:
    """Return the path of a local file as the command has it; other URIs stay."""
    return unquote(uri.removeprefix("file:")).replace("///", "/", 1) if uri.startswith("file:/") else uri


def _plain_column(name: str) -> Any:
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    local = f.url_decode(f.regexp_replace(f.replace(f.col(name), f.lit("+"), f.lit("%2B")), "^file:/+", "/"))
    return f.when(f.col(name).startswith("file:/"), local).otherwise(f.col(name))


def _ddl(schema: pa.Schema) -> str:
    return ", ".join(f"{one.name} {'string' if str(one.type) == 'string' else 'bigint'}" for one in schema)


def _scan_rows(engine: bytes, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Run in a worker: give the findings of rows, and after each batch its figures."""
    import pyarrow as pa  # noqa: PLC0415 - of the worker

    from .arrow import scan_arrow  # noqa: PLC0415 - as above
    from .arrow.cells import text_columns  # noqa: PLC0415 - as above
    from .arrow.times import time_column, times  # noqa: PLC0415 - as above

    made = Engine.from_bytes(engine)
    schema = _figures()
    for batch in batches:
        columns = [name for name in text_columns(batch.schema) if name != PATH]
        clock = time_column(batch.schema)
        for found in scan_arrow([batch], columns, engine=made, keep=[PATH, _ROW]):
            said = pa.nulls(found.num_rows, pa.string())
            if clock is not None:
                said = pa.array(times(batch.column(clock), found.column("row")), pa.string())
            nothing = pa.nulls(found.num_rows, pa.int64())
            more = {"timestamp": said, _ROWS: nothing, "bytes": nothing}
            yield pa.RecordBatch.from_arrays(
                [more[one.name] if one.name in more else found.column(one.name) for one in schema],
                schema=schema,
            )
        size = sum(batch.column(name).nbytes for name in columns)
        yield pa.RecordBatch.from_pylist([{_ROWS: batch.num_rows, "bytes": size}], schema)


def _figures() -> pa.Schema:
    """Return what `_scan_rows` gives: findings without what rows have not, times, and figures."""
    import pyarrow as pa  # noqa: PLC0415 - of the worker

    from .arrow import FINDINGS  # noqa: PLC0415 - as above

    told = [one for one in FINDINGS if one.name not in {"row", "column", "line"}]
    more = [("timestamp", pa.string()), (_ROWS, pa.int64()), ("bytes", pa.int64())]
    return pa.schema([(PATH, pa.string()), (_ROW, pa.int64()), *told, *more])


def _redact_rows(
    engine: bytes, style: Style, on_failure: Failure, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """As above: give the rows without their secrets."""
    from .arrow import redact_arrow  # noqa: PLC0415 - of the worker
    from .arrow.cells import text_columns  # noqa: PLC0415 - as above

    made = Engine.from_bytes(engine)
    for batch in batches:
        yield from redact_arrow(
            [batch], text_columns(batch.schema), engine=made, style=style, on_failure=on_failure
        )
