"""An object as a file: read in ranges of one version, so that no byte comes twice or not at all.

Each range is checked for its place and length, asked for again as a whole when the connection breaks,
and bound to the version that the first one was of (`If-Match`).

Not here: decompression and scanning (`leakscan.sources`).
"""

from __future__ import annotations

import asyncio
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from leakscan.errors import SourceError

from .client import LOST, REPLACED, client, code_of, words
from .place import place

if TYPE_CHECKING:
    from concurrent.futures import Future

#: Bytes asked for at once; the next ones are on their way while these are scanned. By what AWS says of S3 (a
#: request begins after 100 to 200 ms, then gives 85 MB/s) that is 50 MB/s, faster than a core scans what is
#: compressed. Several requests at once cost twice the CPU time; several processes do not.
RANGE: Final = 16 * 1024 * 1024
#: Bytes asked for after a jump, or as many as are read at once; doubled while reading goes on from there.
#: Of a Parquet file pieces of columns are read in turn, and what lies between them is not.
JUMP: Final = 1024 * 1024
#: Bytes of a range that are read before the next one is asked for: more than it takes to tell what a file is.
READ_ON: Final = 64 * 1024
#: How often a range is asked for whose connection broke in the middle. What fails before its first byte is
#: tried again by botocore (`AWS_MAX_ATTEMPTS`, by default 5).
ATTEMPTS: Final = 5
#: Seconds before the second attempt; doubled before each one that follows.
PAUSE: Final = 0.1
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Range:
    """An answer: bytes of an object, the object's size and its ETag, empty when the server gives none."""

    data: bytes | bytearray = field(repr=False)
    size: int
    etag: str


class S3Object(io.RawIOBase):
    """An object as a file: read from front to back, or from wherever it was last asked to `seek`.

    Attributes:
        size: its bytes.

    """

    def __init__(self, url: str) -> None:
        """Open it and read its first range.

        Raises:
            SourceError: it cannot be read.

        """
        self._ahead: tuple[int, Future[Range]] | None = None
        self._url = url
        asked = place(url)
        self._made = client(url)
        self._object = {"Bucket": asked.bucket, "Key": asked.key}
        self._position = 0
        self._start = 0
        self._length = RANGE
        self._failure: SourceError | None = None
        self.size = RANGE  # until the first answer says it
        self._held = self._result(self._asked(0), 0)
        self.size = self._held.size
        if self._held.etag:
            self._object["IfMatch"] = self._held.etag

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Return the position of the next byte read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on from elsewhere."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, or as far as the object goes; 0 is the end.

        Raises:
            SourceError: the object could not be read on; what came before was given.

        """
        done = 0
        with memoryview(buffer).cast("B") as view:
            while done < len(view) and self._position < self.size:
                try:
                    piece = self._at_hand(len(view) - done)
                except SourceError:
                    if done:
                        break  # the next read runs into it again
                    raise
                view[done : done + len(piece)] = piece
                done += len(piece)
                self._position += len(piece)
        if self._ahead is None and self._position - self._start > READ_ON:
            self._ask_ahead()
        return done

    def close(self) -> None:
        """Give up what is on its way."""
        self._give_up()
        super().close()

    def _at_hand(self, wanted: int) -> memoryview:
        """Return what the range at the position holds from there on, at most so many bytes."""
        if self._failure is not None:
            raise self._failure
        if not self._start <= self._position < self._start + len(self._held.data):
            try:
                self._fetch(wanted)
            except SourceError as error:
                self._failure = error
                raise
        at = self._position - self._start
        return memoryview(self._held.data)[at : at + wanted]

    def _fetch(self, wanted: int) -> None:
        """Take the range at the position, which may be on its way already."""
        jumped = self._position != self._start + len(self._held.data)
        self._length = max(wanted, JUMP) if jumped else min(RANGE, 2 * self._length)
        version = self._held.size, self._held.etag
        self._held = Range(b"", *version)  # its bytes are not kept while the next ones come
        if self._ahead is not None and self._ahead[0] == self._position:
            answer = self._ahead[1]
        else:
            self._give_up()
            answer = self._asked(self._position)
        self._ahead = None
        self._start = self._position
        self._held = self._result(answer, self._position)
        if version != (self._held.size, self._held.etag):  # not every server knows `If-Match`
            raise SourceError(self._url, REPLACED)

    def _ask_ahead(self) -> None:
        start = self._start + len(self._held.data)
        if start < self.size and self._length >= RANGE:
            self._ahead = start, self._asked(start)

    def _give_up(self) -> None:
        if self._ahead is not None:
            self._ahead[1].cancel()

    def _asked(self, start: int) -> Future[Range]:
        end = min(start + self._length, self.size)
        return asyncio.run_coroutine_threadsafe(_range(self._made, self._object, start, end), self._made.loop)

    def _result(self, answer: Future[Range], start: int) -> Range:
        try:
            return answer.result()
        except Exception as error:  # noqa: BLE001 - three libraries raise what they like
            where = f" ({start:,} of {self.size:,} bytes were read)" if start else ""
            raise SourceError(self._url, words(error) + where) from None
        except BaseException:  # ^C while waiting
            answer.cancel()
            raise


async def _range(made: Any, wanted: dict[str, str], start: int, end: int) -> Range:
    """Return the bytes [start, end) of an object, or up to its end.

    Raises:
        Exception: of s3fs, botocore or aiohttp.

    """
    from s3fs.core import S3_RETRYABLE_ERRORS  # noqa: PLC0415 - loaded by now

    pause = PAUSE
    for left in reversed(range(ATTEMPTS)):
        try:
            answer = await made._call_s3("get_object", Range=f"bytes={start}-{end - 1}", **wanted)  # noqa: SLF001 - what its `call_s3` waits for
        except OSError as error:
            if start == 0 and code_of(error) in {"InvalidRange", "416"}:
                return Range(b"", 0, "")  # no range lies in an empty object
            raise
        try:
            return await _body(answer, start, end)
        except S3_RETRYABLE_ERRORS:  # botocore has tried again what came before the body
            if not left:
                raise
        await asyncio.sleep(pause)
        pause *= 2
    raise AssertionError


async def _body(answer: dict[str, Any], start: int, end: int) -> Range:
    """Return the range that an answer holds, checked against what was asked for."""
    body = answer["Body"]
    try:
        held = _CONTENT_RANGE.fullmatch(answer.get("ContentRange", ""))
        if held is not None:
            first, last, size = map(int, held.groups())
        else:  # the whole object
            first, last, size = 0, answer["ContentLength"] - 1, answer["ContentLength"]
        if first != start or last + 1 != min(end, size):
            raise SourceError("", "the server gives no ranges, or others than those asked for")
        data = bytearray(last + 1 - first)
        filled = 0
        while filled < len(data) and (piece := await body.read(len(data) - filled)):
            data[filled : filled + len(piece)] = piece
            filled += len(piece)
    finally:
        body.close()
    if filled < len(data):
        raise SourceError("", LOST)
    return Range(data, size, answer.get("ETag", ""))
