"""The pipe: an input goes through a redactor to an output, a live one at once, a file in big blocks.

A live input (a pipe, a terminal, a socket) is read as far as it goes and what is whole is written
before the next read. Nothing is buffered here, so kill -9 loses what was read and not yet written:
at most a block and the unfinished line. SIGTERM loses nothing that is in the pipe.

Not here: what is redacted (`framing`), what the options mean (`cli.redact`).
"""

from __future__ import annotations

import codecs
import contextlib
import os
import select
import signal
import stat
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from .errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .framing import Redacting
    from .sources import Source

#: Seconds of silence after which lines that wait for the rest of a private key are given out.
IDLE: Final = 0.05
#: Seconds that SIGTERM waits for the rest of an unfinished line, which may hold half a secret.
GRACE: Final = 1.0
#: Seconds after which SIGTERM ends a pipe that never runs empty; supervisors kill after 10 or more.
DRAIN: Final = 5.0
#: Pieces from this size on are written from where they are; smaller ones are put together first.
_BIG: Final = 16 * 1024
_NEWLINE: Final = 0x0A

#: Byte-order marks; the longer ones first.
_ENCODINGS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


class Termination:
    """SIGTERM as something to poll: `descriptor` is readable from then on. A second one exits at once."""

    def __init__(self) -> None:
        self.requested = False
        self.descriptor, self._end = os.pipe()
        os.set_blocking(self._end, False)

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGTERM, self._request)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)
        os.close(self.descriptor)
        os.close(self._end)

    def _request(self, *_: object) -> None:
        if self.requested:
            sys.exit(128 + signal.SIGTERM)
        self.requested = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._end, b"\0")


class Output:
    """A file descriptor to write pieces to. `size` counts the bytes written."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.size = 0
        self._small: list[bytes] = []

    def put(self, pieces: Iterable[memoryview | bytes]) -> None:
        """Write all pieces. Each is dealt with before the next is asked for."""
        for piece in pieces:
            if len(piece) < _BIG:
                self._small.append(bytes(piece))
                continue
            self._write(piece)
        if self._small:
            self._write(b"")

    def _write(self, piece: memoryview | bytes) -> None:
        left = [memoryview(part) for part in (b"".join(self._small), piece) if part]
        self._small.clear()
        while left:
            try:
                count = os.writev(self.descriptor, left)
            except BlockingIOError:  # somebody made our end of the pipe non-blocking
                wait = select.poll()
                wait.register(self.descriptor, select.POLLOUT)
                wait.poll()
                continue
            self.size += count
            while left and count >= len(left[0]):
                count -= len(left.pop(0))
            if count:
                left[0] = left[0][count:]


@dataclass(slots=True)
class Flow:
    """What went through a pipe: bytes read, and a callback after each write."""

    redactor: Redacting
    output: Output
    written: Callable[[], object]
    size: int = 0

    def feed(self, chunk: bytes) -> None:
        """Redact and write a chunk."""
        self.size += len(chunk)
        self.output.put((self.redactor.feed(chunk),))
        self.written()

    def updated(self, count: int) -> None:
        """Redact and write what was read into the redactor's buffer."""
        self.size += count
        self.output.put(self.redactor.buffer_updated(count))
        self.written()

    def flush(self) -> None:
        """Write what waits for more."""
        self.output.put(self.redactor.flush())
        self.written()

    def close(self, *, cut_off: bool = False) -> None:
        """Write the rest."""
        self.output.put((self.redactor.close(cut_off=cut_off),))
        self.written()


def run(source: Source, flow: Flow, termination: Termination | None) -> None:
    """Send all of an input through. With `termination`, an input that is no file ends when it says so.

    Raises:
        SourceError: the input could not be read to its end; what came before was written.
        OSError: the output could not be written.

    """
    if source.codec is not None or source.is_remote:
        _run_coded(source, flow)
    elif source.is_file or termination is None:
        _run_file(source, flow)
    else:
        _run_live(source, flow, termination)


def _run_file(source: Source, flow: Flow) -> None:
    flow.feed(source.take_head())
    while count := _read(source, flow):
        flow.updated(count)
    flow.close()


def _run_live(source: Source, flow: Flow, termination: Termination) -> None:
    """Write what comes as it comes; on SIGTERM what is there, and no half of a secret."""
    head = source.take_head()
    is_open_line = bool(head) and not head.endswith(b"\n")
    if head:
        flow.feed(head)
    polled = _poll(source.descriptor, termination.descriptor)
    if stat.S_ISFIFO(os.fstat(flow.output.descriptor).st_mode):
        polled.register(flow.output.descriptor, 0)  # errors are always told: the reader has gone
    while not termination.requested:
        ready = dict(polled.poll(IDLE * 1000 if flow.redactor.is_holding else None))
        if flow.output.descriptor in ready:
            raise BrokenPipeError
        if source.descriptor in ready:
            view = flow.redactor.get_buffer()
            count = _read(source, flow)
            if not count:
                flow.close(cut_off=is_open_line and termination.requested)
                return
            is_open_line = view[count - 1] != _NEWLINE
            flow.updated(count)
        elif not ready:
            flow.flush()
    polled = _poll(source.descriptor)
    end = time.monotonic() + DRAIN
    while time.monotonic() < end and polled.poll(GRACE * 1000 if is_open_line else 0):
        view = flow.redactor.get_buffer()
        count = _read(source, flow)
        if not count:
            flow.close(cut_off=is_open_line)  # its writer was ended too
            return
        is_open_line = view[count - 1] != _NEWLINE
        flow.updated(count)
    flow.close(cut_off=True)


def wait_for_input(descriptor: int, termination: Termination) -> bool:
    """Wait until there is input or its end; False when SIGTERM came first."""
    return descriptor in dict(_poll(descriptor, termination.descriptor).poll())


def _poll(*descriptors: int) -> select.poll:
    polled = select.poll()
    for descriptor in descriptors:
        polled.register(descriptor, select.POLLIN)
    return polled


def _read(source: Source, flow: Flow) -> int:
    """Read into the redactor's buffer; 0 is the end."""
    while True:
        try:
            return os.readv(source.descriptor, (flow.redactor.get_buffer(),))
        except BlockingIOError:  # somebody made our end of the pipe non-blocking
            _poll(source.descriptor).poll()
        except OSError as error:
            flow.close(cut_off=True)
            raise SourceError(source.path, error.strerror or type(error).__name__) from None


def _run_coded(source: Source, flow: Flow) -> None:
    chunks = source.unpacked()
    try:
        first = next(chunks, b"")
        encoding = next((name for mark, name in _ENCODINGS if first.startswith(mark)), None)
        if encoding is not None:
            _run_encoded(source.path, first, chunks, flow, encoding)
            return
        flow.feed(first)
        for chunk in chunks:
            flow.feed(chunk)
    except SourceError:
        flow.close(cut_off=True)
        raise
    flow.close()


def _run_encoded(path: str, first: bytes, chunks: Iterator[bytes], flow: Flow, encoding: str) -> None:
    """Redact UTF-16 or UTF-32 as UTF-8, and write it in its own encoding again."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    redecoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")

    def put(redacted: bytes, *, final: bool = False) -> None:
        text = redecoder.decode(redacted, final)
        flow.output.put((text.encode(encoding, "surrogatepass"),))
        flow.written()

    def feed(chunk: bytes) -> None:
        flow.size += len(chunk)
        put(flow.redactor.feed(decoder.decode(chunk).encode("utf-8", "surrogatepass")))

    try:
        feed(first)
        for chunk in chunks:
            feed(chunk)
    except SourceError:
        put(flow.redactor.close(cut_off=True), final=True)
        raise
    except UnicodeDecodeError as error:
        put(flow.redactor.close(cut_off=True), final=True)
        raise SourceError(path, f"is no valid {encoding} ({error.reason})") from None
    put(flow.redactor.close(), final=True)
    flow.output.put((decoder.getstate()[0],))  # half a character at the end stays
