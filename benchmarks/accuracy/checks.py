"""Checksums that vendors put into their tokens, computed for made-up tokens.

Sources: GitHub's "Behind GitHub's new authentication token formats" (CRC32, base62), Grafana's and
Cloudflare's token documents, Microsoft's identifiable-secrets documents (Marvin32), NATS nkeys (CRC16).
"""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def _digits(number: int, alphabet: str, width: int) -> str:
    out = ""
    while number:
        number, rest = divmod(number, len(alphabet))
        out = alphabet[rest] + out
    return out.rjust(width, alphabet[0])


def crc32(text: str) -> int:
    """CRC32 of ASCII text."""
    return zlib.crc32(text.encode())


def crc_base62(body: str) -> str:
    """Six base62 digits of the CRC32: GitHub, npm, Vercel."""
    return _digits(crc32(body), _BASE62, 6)


def crc_base36(body: str) -> str:
    """Seven base36 digits of the CRC32: GitLab's routable tokens."""
    return _digits(crc32(body), _BASE36, 7)


def crc_hex(body: str) -> str:
    """Eight lower hex digits, big-endian."""
    return f"{crc32(body):08x}"


def crc_hex_little(body: str) -> str:
    """Eight lower hex digits, little-endian: Grafana."""
    return struct.pack("<I", crc32(body)).hex()


def crc_base64(body: str) -> str:
    """Six characters of the base64 of the little-endian CRC32: Confluent."""
    return base64.b64encode(struct.pack("<I", crc32(body))).decode()[:6]


def sha_base32(text: str) -> str:
    """Eight characters of base32(sha256): GitHub's fine-grained tokens."""
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:8]


def crc16(data: bytes) -> bytes:
    """CRC16/XMODEM, little-endian, as NATS appends to its seeds."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return struct.pack("<H", crc)


def marvin32(data: bytes, seed: bytes) -> bytes:
    """Marvin32 of the data, low xor high half, little-endian; `seed` is eight bytes read big-endian."""
    high, low = struct.unpack(">II", seed)
    mask = 0xFFFFFFFF

    def turn(value: int, by: int) -> int:
        return ((value << by) | (value >> (32 - by))) & mask

    tail = len(data) // 4 * 4
    words = [*struct.unpack(f"<{tail // 4}I", data[:tail])]
    words.append(int.from_bytes(data[tail:] + b"\x80", "little"))
    words.append(0)
    for word in words:
        low = (low + word) & mask
        high ^= low
        low = (turn(low, 20) + high) & mask
        high = turn(high, 9) ^ low
        low = (turn(low, 27) + high) & mask
        high = turn(high, 19)
    return struct.pack("<I", low ^ high)


def bech32(prefix: str, alphabet: str, data: list[int]) -> str:
    """Data and its six check characters: age's secret keys (BIP 173)."""
    values = [ord(char) >> 5 for char in prefix.lower()] + [0] + [ord(char) & 31 for char in prefix.lower()]
    checked = [*values, *data, 0, 0, 0, 0, 0, 0]
    generators = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    state = 1
    for value in checked:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for index, generator in enumerate(generators):
            if top >> index & 1:
                state ^= generator
    state ^= 1
    return "".join(alphabet[value] for value in [*data, *(state >> 5 * (5 - i) & 31 for i in range(6))])
