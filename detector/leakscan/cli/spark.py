"""The script `leakscan-spark`: archives of logs scanned and redacted by a Spark cluster.

Not here: what runs in the workers (`integrations.spark`, `integrations.archives`), data frames of one's own
(`integrations.spark`).
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from leakscan.errors import ConfigError, LeakscanError
from leakscan.recipe import ScannerOptions, fingerprint_key, recipe_for
from leakscan.redact import FAILURES, STYLES, Failure, Style
from leakscan.terminal import say

from . import CLEAN, FAILED, FOUND, INTERRUPTED
from .configured import configured
from .options import scanner_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import SparkSession

#: What a worker says of a file that is no text: it names the file and quotes nothing.
_NO_TEXT: Final = re.compile(r"ValueError: (.{1,1000}: is [a-z0-9-]+, which was not unpacked)")
#: Errors of single files that are said; all are counted.
_TOLD: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(ScannerOptions):
    """The options as given."""

    paths: tuple[str, ...]
    out: str
    reads: str
    master: str | None
    conf: tuple[str, ...]
    whole_files: bool


# fmt: off
def _cluster_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options: list[Callable[..., Any]] = [
        click.option(
            "--out", required=True, metavar="DIR",
            help="The folder to write, which must not be there yet.",
        ),
        click.option(
            "--input", "reads", type=click.Choice(["text", "parquet"]), default="text", show_default=True,
            help="What the files are.",
        ),
        click.option(
            "--master", metavar="URL",
            help="Where Spark runs: local[N], spark://HOST:PORT, yarn, .. Default: as spark-submit says.",
        ),
        click.option("--conf", multiple=True, metavar="NAME=VALUE", help="A setting of Spark. Repeatable."),
        click.option(
            "--whole-files", is_flag=True,
            help="Do not split files, so that no private key is cut by a border; one task a file.",
        ),
        scanner_options(unsure="Leave out what is less sure.", key="fingerprints"),
        click.option("-q", "--quiet", is_flag=True, help="No summary on stderr; only errors."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Find credentials in archives of logs with Spark, or take them out.

    \b
    leakscan-spark scan --out findings /archive/2026
    leakscan-spark redact --master spark://host:7077 s3a://logs/raw --out s3a://logs/clean

    Exit code: 0 clean or done, 1 findings, 2 usage or input error (also when only a part could be scanned).
    """  # noqa: D301 - \b is click's mark for a paragraph to keep as it is


@cli.command()
@click.argument("paths", metavar="IN..", nargs=-1, required=True)
@_cluster_options
@click.pass_context
def scan(context: click.Context, /, **options: Any) -> int:
    """Write what is found in files, folders and patterns as JSON lines into the folder DIR.

    The lines are those of `leakscan --format jsonl`, in the order of paths and lines.
    """
    return _scan(Request(**configured(context, options)))


@cli.command()
@click.argument("paths", metavar="IN..", nargs=-1, required=True)
@click.option(
    "--style", type=click.Choice(STYLES), default="label", show_default=True,
    help="What stands in a secret's place.",
)
@click.option(
    "--on-failure", type=click.Choice(FAILURES), default="mask", show_default=True,
    help="What cannot be scanned is masked, or fails the job, or passes as it is.",
)
@_cluster_options
@click.pass_context
def redact(context: click.Context, /, style: Style, on_failure: Failure, **options: Any) -> int:
    """Write files without their secrets into the folder DIR: text as text, Parquet as Parquet.

    Lines and rows keep their order within an input file; Spark names the files of the output.
    """
    return _redact(Request(**configured(context, options)), style, on_failure)


# fmt: on
def main() -> None:
    """Run the script and exit. User errors are one line on stderr."""
    try:
        code = cli.main(prog_name="leakscan-spark", standalone_mode=False)
    except click.ClickException as error:
        words = " ".join(error.format_message().split()).rstrip(".")
        code = _failed(words[:1].lower() + words[1:])
    except (click.Abort, KeyboardInterrupt):
        _failed("interrupted")
        code = INTERRUPTED
    except LeakscanError as error:
        code = _failed(str(error))
    except Exception as error:  # noqa: BLE001 - its message could quote the log, so it is not shown
        from leakscan.jobs import bug  # noqa: PLC0415 - only then

        code = _failed(f"internal error ({bug(error)}): please report it")
    sys.exit(code if isinstance(code, int) else CLEAN)


def _scan(request: Request) -> int:
    from leakscan.integrations import sparkfiles  # noqa: PLC0415 - needs pyspark

    engine = _engine(request)
    with _session(request) as spark:
        sparkfiles.refuse_existing(spark, request.out)
        read = sparkfiles.scan_text if request.reads == "text" else sparkfiles.scan_parquet
        done = read(spark, list(request.paths), engine, request.out)
    for path, reason in done.failures[:_TOLD]:
        say(f"{path}: {reason}")
    if not request.quiet:
        unit = "lines" if request.reads == "text" else "rows"
        failed = f"; {len(done.failures)} inputs could not be scanned to the end" if done.failures else ""
        say(f"{done.found:,} findings in {done.lines:,} {unit} ({done.size:,} bytes){failed}")
    return FAILED if done.failures else FOUND if done.found else CLEAN


def _redact(request: Request, style: Style, on_failure: Failure) -> int:
    from leakscan.integrations import sparkfiles  # noqa: PLC0415 - as above

    if on_failure == "open":
        say("--on-failure open: what cannot be scanned passes with its secrets")
    engine = _engine(request)
    with _session(request) as spark:
        sparkfiles.refuse_existing(spark, request.out)
        write = sparkfiles.redact_text if request.reads == "text" else sparkfiles.redact_parquet
        write(spark, list(request.paths), engine, request.out, style, on_failure)
    return CLEAN


def _engine(request: Request) -> bytes:
    from leakscan.integrations.engine import Engine  # noqa: PLC0415 - loads the scanner

    key, note = fingerprint_key(request.key_file, kept=True, compared=request.compares)
    if note is not None and not request.quiet:
        say(note)
    return Engine.of(recipe_for(request, request.engine, key)).to_bytes()


@contextlib.contextmanager
def _session(request: Request) -> Iterator[SparkSession]:
    """Run with a session of Spark; what it fails with becomes an error of one line.

    Raises:
        ConfigError: pyspark is not installed, a setting is no pair, or Spark fails.

    """
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415 - as above
    except ImportError:
        raise ConfigError("leakscan-spark needs pyspark: pip install 'leakscan-logs[spark]'") from None
    from py4j.protocol import Py4JError  # noqa: PLC0415 - comes with pyspark

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("leakscan").config("spark.ui.showConsoleProgress", "false")
    if request.master is not None:
        builder = builder.master(request.master)
    if request.whole_files:
        builder = builder.config("spark.sql.files.maxPartitionBytes", str(1 << 60))
    for setting in request.conf:
        name, separator, value = setting.partition("=")
        if not separator:
            raise ConfigError(f"--conf {setting}: write NAME=VALUE")
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
        try:
            spark.sparkContext.setLogLevel("ERROR")
            yield spark
        finally:
            spark.stop()
    except (PySparkException, Py4JError, RuntimeError) as error:
        raise ConfigError(f"Spark failed: {_words(error)}") from None


def _words(error: Exception) -> str:
    """Return what Spark says of itself; of a task's failure, which may quote rows, only its kind."""
    text = str(error).strip()
    if type(error).__name__ == "AnalysisException":
        return text.partition("\n")[0][:300]
    ours = _NO_TEXT.search(text)
    return ours[1] if ours is not None else f"{type(error).__name__}: see Spark's own log"


def _failed(message: str) -> int:
    say(message)
    return FAILED
