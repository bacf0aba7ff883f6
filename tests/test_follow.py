"""Following a log in this process: where it starts, and what rotation, truncation and copies do to it."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from pathlib import Path

import pytest

from framed import RULE, made_up, scanner
from leakscan.follow import Followed
from leakscan.growing import Back

END = Back()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The name of a log that is not there yet."""
    return tmp_path / "app.log"


class Writer:
    """Writes numbered lines, each with a secret of its own, and knows them in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.secrets: list[bytes] = []

    def write(self, count: int = 1, *, end: bytes = b"\n") -> None:
        """Append lines."""
        with self.path.open("ab") as file:
            for _ in range(count):
                secret = made_up(len(self.secrets))
                self.secrets.append(secret)
                file.write(b"%d key=%b" % (len(self.secrets), secret) + end)


def followed(path: Path, back: Back = END) -> Followed:
    """Follow a log."""
    return Followed(str(path), scanner(), back=back, timestamps=False)


def secrets(log: Followed, rounds: int = 3) -> list[bytes]:
    """Return the secrets that some looks at a log find."""
    return [finding.secret for _ in range(rounds) for finding in log.poll()]


def test_it_starts_at_the_end(log: Path) -> None:
    """What was there before is not scanned; what comes is, with its true place in the file."""
    writer = Writer(log)
    writer.write(3)
    item = followed(log)
    assert secrets(item) == []
    writer.write(2)
    findings = list(item.poll())
    assert [finding.secret for finding in findings] == writer.secrets[3:]
    assert [finding.line for finding in findings] == [4, 5]
    data = log.read_bytes()
    assert [data[finding.offset :].split()[0] for finding in findings] == writer.secrets[3:]
    assert findings[0].rule_id == RULE


@pytest.mark.parametrize(
    ("back", "first"),
    [(Back(2), 3), (Back(99), 0), (Back(first=1), 0), (Back(first=4), 3), (Back(first=99), 5)],
)
def test_it_starts_where_it_is_told(log: Path, back: Back, first: int) -> None:
    """N lines before the end, or at line N; more lines than there are is all, or none."""
    writer = Writer(log)
    writer.write(5)
    item = followed(log, back)
    writer.write(1)
    assert secrets(item) == writer.secrets[first:]


def test_where_lines_start_is_right_for_big_files(log: Path) -> None:
    """Lines are counted over many pieces, whatever their length."""
    rng = random.Random(1)
    lines = [bytes(rng.choices(b"abc ", k=rng.randrange(3000))) for _ in range(400)]
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines) + 1)]
    log.write_bytes(b"".join(line + b"\n" for line in lines))
    for number in (0, 1, 2, 57, 399, 400, 500):
        item = followed(log, Back(number))
        assert item._current is not None
        assert item._current.position == starts[max(0, 400 - number)]
    for number in (1, 2, 60, 399, 400, 401):
        item = followed(log, Back(first=number))
        assert item._current is not None
        assert item._current.position == starts[number - 1]


def test_an_unfinished_line_at_the_start_counts_as_new(log: Path) -> None:
    """A line that is being written when it starts is scanned whole once it is finished."""
    secret = made_up(0)
    log.write_bytes(b"old " + made_up(1) + b"\nnew " + secret[:20])
    item = followed(log)
    assert secrets(item) == []
    with log.open("ab") as file:
        file.write(secret[20:] + b"\n")
    assert secrets(item) == [secret]


def test_a_log_that_is_not_there_yet_is_read_from_its_start(log: Path) -> None:
    """It is waited for, and why it cannot be read is known until it can."""
    item = followed(log)
    assert secrets(item) == []
    assert item.failure == "no such file or directory"
    writer = Writer(log)
    writer.write(3)
    assert secrets(item) == writer.secrets
    assert item.failure is None


def test_rotation_by_rename_loses_and_repeats_nothing(log: Path) -> None:
    """What is added to the old file before it is renamed, and after, and to the new one: each once."""
    writer = Writer(log)
    item = followed(log)
    log.touch()
    found = secrets(item)
    for number in range(5):
        writer.write(10)
        old = log.rename(log.with_name(f"app.log.{number}"))
        if number % 2:
            found += secrets(item)
        late = Writer(old)
        late.secrets = writer.secrets
        late.write(3)  # the writer has not been told yet
        found += secrets(item, 1)
        writer.write(4)
        late.write(2)
        found += secrets(item)
    assert sorted(found) == sorted(writer.secrets)
    assert item.files == 6


def test_two_rotations_between_two_looks_lose_nothing(log: Path) -> None:
    """A file that came and went unseen is found beside the log; older files are left alone."""
    writer = Writer(log)
    Writer(log.with_name("app.log.9")).write(5)
    writer.write(2)
    item = followed(log, Back(first=1))
    found = secrets(item)
    for number in range(3):
        writer.write(3)
        log.rename(log.with_name(f"app.log.{number}"))
    writer.write(1)
    found += secrets(item)
    assert sorted(found) == sorted(writer.secrets)


@pytest.mark.parametrize("packed", [False, True])
def test_copytruncate_loses_and_repeats_nothing(log: Path, packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """What was written between the last look and the truncation is read from the copy, plain or packed."""
    writer = Writer(log)
    writer.write(4)
    item = followed(log, Back(first=1))
    found = secrets(item)
    for number in range(5):
        writer.write(6 if number % 2 else 1)
        copy = log.with_name(f"app.log.{number}")
        shutil.copyfile(log, copy)
        if packed:
            copy.with_suffix(".gz").write_bytes(gzip.compress(copy.read_bytes()))
            copy.unlink()
        os.truncate(log, 0)
        writer.write(1 if number % 2 else 30)
        found += secrets(item)
    assert found == writer.secrets


def test_truncation_without_a_copy_starts_anew(log: Path) -> None:
    """An emptied log is read from its beginning, also when it has grown past the old place by then."""
    writer = Writer(log)
    writer.write(3)
    item = followed(log, Back(first=1))
    found = secrets(item)
    for count in (1, 9):
        os.truncate(log, 0)
        writer.write(count)
        findings = list(item.poll())
        assert findings[0].line == 1
        found += [finding.secret for finding in findings]
    assert found == writer.secrets


def test_a_removed_log_is_read_on_until_there_is_a_new_one(log: Path) -> None:
    """Its writer still has it."""
    writer = Writer(log)
    writer.write(1)
    item = followed(log, Back(first=1))
    with log.open("ab") as file:
        log.unlink()
        found = secrets(item)
        late = made_up(77)
        file.write(late + b"\n")
        file.flush()
        found += secrets(item)
        assert found == [*writer.secrets, late]
    other = Writer(log)
    other.secrets = [b""] * 100
    other.write(2)
    assert secrets(item) == other.secrets[100:]


def test_the_last_line_is_scanned_at_the_end_even_if_unfinished(log: Path) -> None:
    """Nothing waits for ever."""
    writer = Writer(log)
    item = followed(log)
    writer.write(1, end=b"")
    assert secrets(item) == []
    assert [finding.secret for finding in item.close()] == writer.secrets


def test_a_secret_in_pieces_is_found(log: Path) -> None:
    """The writer may flush in the middle of a line, any number of times."""
    item = followed(log)
    secret = made_up(3)
    with log.open("ab", buffering=0) as file:
        for byte in b"key=" + secret + b" end\n":
            file.write(bytes([byte]))
            found = secrets(item, 1)
    assert found == [secret]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.mkdir, "is a directory"),
        (os.mkfifo, "is no regular file"),
        (lambda path: path.write_bytes(gzip.compress(b"x")), "is gzip, which cannot be followed"),
    ],
)
def test_what_cannot_be_followed_says_so(log: Path, make: object, words: str) -> None:
    """Directories, FIFOs and compressed files are refused, and nothing blocks."""
    make(log)  # type: ignore[operator] # one of the three above
    item = followed(log)
    assert list(item.poll()) == []
    assert words in (item.failure or "")
