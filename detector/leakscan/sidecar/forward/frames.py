r"""Cuts a stream of msgpack into whole values, however it was cut on its way. No I/O.

A value is only gone over, never built, so a header that promises millions of elements costs nothing.

Not here: what the values are (`sidecar.codecs.message`, `handshake`).

>>> frames = Frames(100)
>>> frames.feed(b"\x92\xa1t"), frames.feed(b"\x90\xc0\x92")
([], [b'\x92\xa1t\x90', b'\xc0'])
"""

from __future__ import annotations

from typing import Final

import msgpack

from ..codecs import MalformedError
from ..compression import TooLargeError

#: The most bytes that may be fed at once beyond a value.
CHUNK: Final = 1 << 16
#: A buffer that has grown beyond this is given back once it is empty.
_KEPT: Final = 1 << 20


class Frames:
    """A stream of values."""

    def __init__(self, limit: int) -> None:
        """Begin a stream in which no value is longer than `limit` bytes."""
        self._limit = limit
        self._begin()

    def _begin(self) -> None:
        self._unpacker = msgpack.Unpacker(max_buffer_size=self._limit + 2 * CHUNK, read_size=1)
        self._rest = bytearray()
        self._offset = 0

    @property
    def pending(self) -> int:
        """Bytes of a value that is not whole yet."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the values that are whole now.

        Raises:
            MalformedError: it is no msgpack.
            TooLargeError: a value is longer than allowed.

        """
        self._rest += data
        found: list[bytes] = []
        try:
            self._unpacker.feed(data)
            while True:
                self._unpacker.skip()
                size = self._unpacker.tell() - self._offset
                found.append(bytes(memoryview(self._rest)[:size]))
                del self._rest[:size]
                self._offset += size
        except msgpack.OutOfData:
            pass
        except (msgpack.BufferFull, ValueError, msgpack.UnpackException) as error:
            if isinstance(error, msgpack.BufferFull):
                raise TooLargeError from None
            raise MalformedError("msgpack: no value") from None
        if len(self._rest) > self._limit or any(len(value) > self._limit for value in found):
            raise TooLargeError
        if not self._rest and self._offset > _KEPT:
            self._begin()
        return found
