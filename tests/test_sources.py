"""Inputs: what paths mean, and that every byte of every kind of file reaches the stream in order."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import sys
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan.compression import CHUNK, DamagedError, decompress, sniff
from leakscan.errors import SourceError
from leakscan.paths import expand
from leakscan.sources import STDIN, Source, count_newlines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd.compress,
}


class Recorder:
    """A stream that keeps what it is given, with the smallest buffer that shows mistakes."""

    def __init__(self, size: int = 4096) -> None:
        self.got = bytearray()
        self.closed = False
        self._buffer = bytearray(size)

    def get_buffer(self) -> memoryview:
        """Return the buffer."""
        return memoryview(self._buffer)

    def buffer_updated(self, nbytes: int) -> list[object]:
        """Keep what was read."""
        self.got += self._buffer[:nbytes]
        return []

    def feed(self, chunk: bytes) -> list[object]:
        """Keep a chunk."""
        self.got += chunk
        return []

    def close(self) -> list[object]:
        """Note the end."""
        self.closed = True
        return ["last"]


def read(path: Path | str, start: int = 0, end: int | None = None) -> tuple[bytes, str | None]:
    """Return what a source gives, and why it failed."""
    recorder = Recorder()
    failure = None
    with Source(str(path), start, end) as source:
        try:
            # a recorder stands in for a scanner's stream
            assert list(source.drain(recorder)) == [["last"]]  # type: ignore[arg-type, comparison-overlap]
        except SourceError as error:
            failure = error.reason
        assert source.scanned == len(recorder.got)
    assert recorder.closed
    return bytes(recorder.got), failure


def content(size: int, seed: int = 1) -> bytes:
    """Return lines that compress about threefold."""
    source = random.Random(seed)
    lines = bytearray()
    while len(lines) < size:
        lines += b"%d worker=%d took %dms\n" % (len(lines), source.randrange(99), source.randrange(10**9))
    return bytes(lines[:size])


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 100_000])
def test_a_plain_file_arrives_whole(tmp_path: Path, size: int) -> None:
    """Sizes around the buffer's: every byte arrives."""
    (tmp_path / "x").write_bytes(content(size))
    assert read(tmp_path / "x") == (content(size), None)


@pytest.mark.parametrize(("start", "end"), [(0, 10), (5, 9000), (4096, 8192), (100, None), (0, 10**9)])
def test_a_part_of_a_file_is_exactly_its_bytes(tmp_path: Path, start: int, end: int | None) -> None:
    """A part is [start, end), up to the end of the file when that comes first."""
    (tmp_path / "x").write_bytes(content(20_000))
    assert read(tmp_path / "x", start, end) == (content(20_000)[start:end], None)


@pytest.mark.parametrize("codec", PACK)
def test_compressed_files_are_told_by_content(tmp_path: Path, codec: str) -> None:
    """A compressed file without a telling name is read decompressed; an empty one is empty."""
    for size in (0, 1, 300_000):
        (tmp_path / "x").write_bytes(PACK[codec](content(size)))
        assert read(tmp_path / "x") == (content(size), None)


@pytest.mark.parametrize("codec", PACK)
def test_concatenated_members_are_one_stream(tmp_path: Path, codec: str) -> None:
    """`cat a.gz b.gz` is read as `zcat` reads it, also with an empty member and zero padding."""
    pack = PACK[codec]
    parts = [content(50_000, seed) for seed in (1, 2)]
    (tmp_path / "x").write_bytes(pack(parts[0]) + pack(b"") + pack(parts[1]) + bytes(8))
    assert read(tmp_path / "x") == (parts[0] + parts[1], None)


@pytest.mark.parametrize("codec", PACK)
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_truncated_file_gives_all_before_and_an_error(tmp_path: Path, codec: str, keep: float) -> None:
    """What can be decompressed is given, then the error says that the data end too early."""
    whole = content(3_000_000)
    packed = PACK[codec](whole)
    (tmp_path / "x").write_bytes(packed[: int(len(packed) * keep)])
    got, failure = read(tmp_path / "x")
    assert failure == f"{codec} data end too early: the rest is not scanned"
    assert whole.startswith(got)
    assert len(got) > len(whole) * keep - 1_500_000  # the formats work in blocks of up to 900 kB and more


def test_everything_before_a_damaged_byte_is_given(tmp_path: Path) -> None:
    """A wrong checksum at the very end of a gzip file loses nothing of what came before."""
    whole = content(200_000)
    packed = bytearray(gzip.compress(whole))
    packed[-6] ^= 0xFF
    (tmp_path / "x").write_bytes(packed)
    got, failure = read(tmp_path / "x")
    assert got == whole
    assert failure is not None
    assert failure.startswith("gzip data are damaged (")


@pytest.mark.parametrize("codec", PACK)
def test_damage_in_the_middle_gives_what_came_before(tmp_path: Path, codec: str) -> None:
    """Flipped bytes in the middle: all before is given, and an error. Only gzip runs on, to its checksum."""
    whole = content(4_000_000)
    packed = bytearray(PACK[codec](whole))
    middle = len(packed) // 2
    packed[middle : middle + 64] = bytes(value ^ 0x5A for value in packed[middle : middle + 64])
    (tmp_path / "x").write_bytes(packed)
    got, failure = read(tmp_path / "x")
    assert failure is not None
    assert "damaged" in failure
    same = next((at for at in range(len(got)) if got[at] != whole[at]), len(got))
    assert same > len(whole) // 4
    assert codec == "gzip" or len(got) - same < 1_500_000  # bzip2 gives a block before its checksum


def test_data_after_the_end_that_are_not_compressed_are_reported(tmp_path: Path) -> None:
    """Text after a gzip member is not scanned, so it is an error, not a clean file."""
    (tmp_path / "x").write_bytes(gzip.compress(b"one\n") + b"password in plain text")
    reason = "data that are not gzip follow its end: the rest is not scanned"
    assert read(tmp_path / "x") == (b"one\n", reason)


def test_a_decompression_bomb_is_read_in_small_pieces() -> None:
    """However much a few bytes hold, a piece is never larger than the limit."""
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    sizes = [len(piece) for piece in decompress([packed], "gzip")]
    assert sum(sizes) == 64 << 20
    assert max(sizes) <= CHUNK


@given(st.binary(max_size=3000), st.sampled_from(sorted(PACK)), st.integers(1, 100))
def test_any_chunking_decompresses_to_the_same(data: bytes, codec: str, size: int) -> None:
    """Compressed data cut anywhere give the same bytes."""
    packed = PACK[codec](data)
    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(decompress(chunks, codec, 7)) == data


@given(st.binary(max_size=400), st.sampled_from(sorted(PACK)))
def test_garbage_after_the_magic_is_an_error_not_a_crash(data: bytes, codec: str) -> None:
    """Whatever follows the magic bytes: pieces, or one error of ours."""
    head = PACK[codec](b"")[:6]
    try:
        list(decompress([head + data], codec))
    except DamagedError as error:
        reason = error.args[0]
    else:
        reason = codec
    assert codec in reason


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_utf_16_is_scanned_as_utf_8(tmp_path: Path, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """A byte-order mark makes the file UTF-8 for the scanner, also inside gzip, surrogates included."""
    text = "Schlüssel 🔑 " * 50_000
    (tmp_path / "x").write_bytes(pack(("\ufeff" + text).encode(encoding)))
    assert read(tmp_path / "x") == (text.encode(), None)


def test_broken_utf_16_is_read_with_replacements(tmp_path: Path) -> None:
    """A lone surrogate and an odd last byte become U+FFFD; what stands around them survives."""
    (tmp_path / "x").write_bytes(b"\xff\xfea\x00\x00\xd8b\x00c")
    assert read(tmp_path / "x") == ("a\ufffdb\ufffd".encode(), None)


@pytest.mark.parametrize("codec", [None, *PACK])
def test_a_pipe_is_read_byte_by_byte_too(codec: str | None) -> None:
    """A pipe that gives single bytes, also of a magic number, arrives whole."""
    data = content(3000)
    sent = PACK[codec](data) if codec else data
    readable, writable = os.pipe()
    for value in sent[:40]:
        os.write(writable, bytes([value]))
    os.write(writable, sent[40:])
    os.close(writable)
    path = f"/dev/fd/{readable}"
    try:
        assert read(path) == (data, None)
    finally:
        os.close(readable)


def test_sniffing_needs_the_whole_magic() -> None:
    """Text that merely starts like a magic number is plain."""
    assert sniff(b"BZh9 is how bzip2 starts") is None
    assert sniff(b"(\xb5 micro") is None
    assert sniff(b"") is None


def test_a_file_that_grows_or_shrinks_is_no_error(tmp_path: Path) -> None:
    """Reading goes on to where the file ends by then."""
    path = tmp_path / "x"
    path.write_bytes(content(10_000))
    recorder = Recorder()
    with Source(str(path)) as source:
        steps = source.drain(recorder, lambda _: path.write_bytes(content(5000)))  # type: ignore[arg-type] # as in read
        list(steps)
    assert bytes(recorder.got) == content(10_000)[:8192] or len(recorder.got) <= 10_000


def test_newlines_are_counted_in_a_range_and_past_the_end(tmp_path: Path) -> None:
    """Counting re-reads exactly the range; a range beyond the end holds none."""
    path = tmp_path / "x"
    path.write_bytes(b"a\nb\n\n" * 500_000)
    with path.open("rb") as file:
        assert count_newlines(file.fileno(), 0, 5) == 3
        assert count_newlines(file.fileno(), 2, 2_500_000) == 1_500_000 - 1
        assert count_newlines(file.fileno(), 9_000_000, 9_999_999) == 0


def test_opening_what_cannot_be_opened_names_path_and_reason(tmp_path: Path) -> None:
    """A missing file and a directory are `SourceError`s with path and reason."""
    with pytest.raises(SourceError, match="nope: no such file or directory"):
        Source("nope")
    with pytest.raises(SourceError, match="is a directory"):
        Source(str(tmp_path))


def names(*paths: str | Path, **options: frozenset[tuple[int, int]]) -> tuple[list[str], list[str]]:
    """Return what paths mean, errors as text, and the notes."""
    notes: list[str] = []
    return [str(found) for found in expand(map(str, paths), notes.append, **options)], notes


def test_links_are_followed_out_of_a_directory_but_nothing_is_found_twice(tmp_path: Path) -> None:
    """Links to the inside are left out, links to the outside followed, loops and dead links end."""
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "sub" / "a.log").touch()
    (tmp_path / "out" / "b.log").touch()
    (tmp_path / "single.log").touch()
    links = {"current": "sub/a.log", "again": "sub", "dead": "nowhere", "loop": "..", "other": "../out"}
    for name, target in {**links, "single": "../single.log"}.items():
        (tmp_path / "in" / name).symlink_to(target)
    (tmp_path / "out" / "back").symlink_to(tmp_path / "in")
    (tmp_path / "out" / "self").symlink_to(tmp_path / "out")
    found, notes = names(tmp_path / "in")
    expected = [tmp_path / "in" / name for name in ("other/b.log", "single", "sub/a.log")]
    assert found == [str(path) for path in expected]
    assert notes == [f"{tmp_path}/in/dead: skipped: it is gone, or a link to nowhere"]


def test_a_very_deep_directory_is_walked(tmp_path: Path) -> None:
    """Depth is limited by the file system, not by recursion."""
    folder = tmp_path
    for _ in range(600):
        folder /= "d"
        folder.mkdir()
    (folder / "x").touch()
    assert names(tmp_path) == ([str(folder / "x")], [])


def test_order_is_that_of_the_arguments_and_of_names(tmp_path: Path) -> None:
    """Arguments in their order, entries of a directory by name, `-` where it stands."""
    for name in ("b", "a", "c/d", "c.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found, _ = names(tmp_path / "b", "-", tmp_path)
    inside = [str(tmp_path / name) for name in ("a", "b", "c/d", "c.log")]
    assert found == [str(tmp_path / "b"), STDIN, *inside]


def test_names_with_wildcards_that_exist_are_files(tmp_path: Path) -> None:
    """A file called `[1].log` is that file, not a pattern; a name with NUL is an error, not a crash."""
    (tmp_path / "[1].log").touch()
    assert names(tmp_path / "[1].log") == ([str(tmp_path / "[1].log")], [])
    assert names("a\0b")[0] == ["a\0b: is no file name"]


@pytest.mark.parametrize("size", [10, 70_000, 5_000_000])
@pytest.mark.parametrize("data", [content, bytes])
def test_a_wrong_checksum_costs_no_byte(tmp_path: Path, size: int, data: Callable[[int], bytes]) -> None:
    """Whatever the size and however well it compresses: all of it is given before the error."""
    packed = bytearray(gzip.compress(data(size)))
    packed[-6] ^= 0xFF
    (tmp_path / "x").write_bytes(packed)
    got, failure = read(tmp_path / "x")
    assert got == data(size)
    assert failure is not None
