"""Writes the logs that the benchmarks scan: made up from a seed, with the number of findings that is right.

    python -m benchmarks.corpus --to /tmp/corpora --size 200M

Clean corpora are a unit of distinct lines, repeated up to their size; in dirty ones each secret stands
once, so no scanner profits from having seen it. A corpus of the user's own is a folder or a file.

Not here: lines (`loglines`, `jsonlines`), secrets (`planted`), measuring (`race`, `growth`).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from benchmarks.draw import Draw
from benchmarks.jsonlines import application
from benchmarks.loglines import MIXED, access
from benchmarks.planted import planted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Bytes of distinct lines, about 50,000: more than any cache of verdicts holds.
UNIT: Final = 8_000_000
_UNITS_OF_SIZE: Final = {"K": 10**3, "M": 10**6, "G": 10**9}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of corpus.

    Attributes:
        name: as on the command line.
        title: as in the tables.
        make: makes a clean line.
        every: one line in so many holds a secret; 0 for none.

    """

    name: str
    title: str
    make: Callable[[Draw], str]
    every: int = 0


@dataclass(frozen=True, slots=True)
class Corpus:
    """A log on disk.

    Attributes:
        name: of its kind; `own` for the user's.
        title: as in the tables.
        path: a file, or a folder of the user's.
        size: bytes.
        lines: number of line ends.
        expected: findings that are right; None when nobody knows.

    """

    name: str
    title: str
    path: Path
    size: int
    lines: int
    expected: int | None


def _mixed(draw: Draw) -> str:
    return draw.random.choices(_MAKERS, _WEIGHTS)[0](draw)


_MAKERS: Final = [make for make, _ in MIXED]
_WEIGHTS: Final = [share for _, share in MIXED]

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("mixed", "mixed logs, clean", _mixed),
        Kind("json", "JSON application logs, clean", application),
        Kind("access", "access logs, clean", access),
        Kind("dirty-1000", "mixed logs, a secret in 1,000 lines", _mixed, 1000),
        Kind("dirty-100", "mixed logs, a secret in 100 lines", _mixed, 100),
    )
}


def clean_lines(kind: Kind, seed: str, size: int) -> list[bytes]:
    """Return distinct clean lines with their line ends, `size` bytes of them or a little more."""
    # dirty kinds have the clean lines of the kind they are made of, so the two can be compared
    draw = Draw(f"{kind.make.__name__} {seed}")
    lines: list[bytes] = []
    total = 0
    while total < size:
        line = kind.make(draw).encode() + b"\n"
        lines.append(line)
        total += len(line)
    return lines


def chunks(kind: Kind, seed: str, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Give the text of a corpus in pieces, each with its numbers of lines and of secrets."""
    unit = clean_lines(kind, seed, min(size, UNIT))
    draw = Draw(f"secrets {kind.name} {seed}")
    total = 0
    while total < size:
        lines, secrets = _head(unit, size - total), 0
        if kind.every:
            # half a stride from the start, so that a small corpus has its secret too
            for index in range(kind.every // 2, len(lines), kind.every):
                lines[index] = planted(draw)[0].encode() + b"\n"
                secrets += 1
        text = b"".join(lines)
        total += len(text)
        yield text, len(lines), secrets


def _head(lines: list[bytes], size: int) -> list[bytes]:
    """Return as many lines as reach a size, at most all."""
    ends = list(accumulate(map(len, lines)))
    return lines[: bisect_left(ends, size) + 1]


def write(kind: Kind, folder: Path, *, seed: str, size: int) -> Corpus:
    """Write a corpus of `size` bytes, and at most a line more, to `folder`."""
    path = folder / f"{kind.name}-{size}.log"
    total = lines = secrets = 0
    with path.open("wb") as file:
        for text, line_count, secret_count in chunks(kind, seed, size):
            file.write(text)
            total += len(text)
            lines += line_count
            secrets += secret_count
    return Corpus(kind.name, kind.title, path, total, lines, secrets)


def own(path: Path) -> Corpus:
    """Describe a log of the user's own: a file, or a folder with all the files in it."""
    files = [path] if path.is_file() else sorted(item for item in path.rglob("*") if item.is_file())
    size = lines = 0
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                size += len(block)
                lines += block.count(b"\n")
    return Corpus("own", f"own logs ({len(files)} files)", path, size, lines, None)


def byte_size(text: str) -> int:
    """Read a size: `64K`, `200M`, `1G` (powers of ten) or plain bytes.

    Raises:
        ValueError: it is none.

    """
    factor = _UNITS_OF_SIZE.get(text[-1:].upper(), 0)
    try:
        size = int(float(text[:-1]) * factor) if factor else int(text)
    except ValueError:
        size = 0
    if size <= 0:
        raise ValueError(f"{text!r} is no size: write 64K, 200M or 1G") from None
    return size


@click.command(help=__doc__)
@click.option("--to", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.option("--size", type=byte_size, default="200M", show_default=True, help="Bytes of each corpus.")
@click.option("--seed", default="0", show_default=True, help="Any text.")
@click.argument("kinds", nargs=-1, type=click.Choice(list(KINDS)))
def main(to: Path, size: int, seed: str, kinds: tuple[str, ...]) -> None:
    """Write the corpora named, or all."""
    to.mkdir(parents=True, exist_ok=True)
    for name in kinds or KINDS:
        corpus = write(KINDS[name], to, seed=seed, size=size)
        click.echo(f"{corpus.path}: {corpus.size} bytes, {corpus.lines} lines, {corpus.expected} secrets")


if __name__ == "__main__":
    main()
