"""Makes up documents in every framing, with secrets whose place is known. Not a test."""

from __future__ import annotations

import json
import random
import string
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from leakscan import Scanner
from leakscan.framing import redactor

if TYPE_CHECKING:
    from leakscan.framing import Redacting
    from leakscan.redact import Failure, Style

KEY = b"0123456789abcdef0123456789abcdef"
TIME = "2024-01-02T03:04:05.123456789Z"
RULE = "stripe-secret-key"
ALPHABET = string.ascii_letters + string.digits

#: What clean text may be made of: everything that has broken a log shipper, and nothing that a rule wants.
WEIRD = st.lists(
    st.sampled_from(
        [
            *(b"\x00", b"\xff", b"\xc3", b"\xe2\x82", "é€😀".encode(), b"\r", b"\r\r", b"\t", b"\x1b[31m"),
            *(b" ", b"..", b"lorem", b"42", b"{", b"\\", b"%"),
        ]
    ),
    max_size=8,
).map(b"".join)  # fmt: skip
SECRETS = st.integers(0, 10**9).map(lambda seed: made_up(seed))  # noqa: PLW0108 - it is defined below


@cache
def scanner() -> Scanner:
    """Return one scanner for all tests."""
    return Scanner(key=KEY)


def made_up(seed: int) -> bytes:
    """Return a key of the shape that `RULE` finds; it opens nothing."""
    return b"sk_live_" + "".join(random.Random(seed).choices(ALPHABET, k=32)).encode()


def private_key(seed: int, lines: int = 6) -> list[bytes]:
    """Return the lines of a private key of no curve."""
    rng = random.Random(seed)
    body = ["".join(rng.choices(ALPHABET + "+/", k=64)).encode() for _ in range(lines)]
    return [b"-----BEGIN RSA PRIVATE KEY-----", *body, b"-----END RSA PRIVATE KEY-----"]


def shows(data: bytes, secret: bytes) -> bool:
    """Tell whether data hold any 8 consecutive bytes of a secret's body."""
    body = secret.removeprefix(b"sk_live_")
    return any(body[start : start + 8] in data for start in range(len(body) - 7))


def through(
    framing: str,
    data: bytes,
    *,
    sizes: tuple[int, ...] = (),
    style: Style = "label",
    on_failure: Failure = "mask",
    by_buffer: bool = False,
) -> bytes:
    """Redact a whole stream, in one chunk or in chunks of the given sizes, which repeat."""
    return feed(redactor(framing, scanner(), style, on_failure), data, sizes=sizes, by_buffer=by_buffer)


def feed(made: Redacting, data: bytes, *, sizes: tuple[int, ...] = (), by_buffer: bool = False) -> bytes:
    """Send data through a redactor."""
    out = bytearray()
    position, number = 0, 0
    while position < len(data):
        size = max(sizes[number % len(sizes)], 1) if sizes else len(data)
        number += 1
        chunk = data[position : position + size]
        if by_buffer:
            space = made.get_buffer()
            chunk = chunk[: len(space)]
            space[: len(chunk)] = chunk
            for piece in made.buffer_updated(len(chunk)):
                out += piece
        else:
            out += made.feed(chunk)
        position += len(chunk)
    return bytes(out + made.close())


def cri(text: bytes, stream: str = "stdout", tag: str = "F") -> bytes:
    """Return a CRI record without its line end."""
    return f"{TIME} {stream} {tag} ".encode() + text


def docker(text: str, stream: str = "stdout", **more: object) -> bytes:
    """Return a json-file record without its line end, as Docker writes it."""
    record = {"log": text, "stream": stream, **more, "time": TIME}
    made = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    return made.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode()
