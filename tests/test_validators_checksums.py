"""Checksums, against tokens that are built here from the formulas in textbook form.

Nothing of the package under test builds a sample: CRC32, CRC16, bech32 and Marvin32 are written a
second time, bit by bit.
"""

from __future__ import annotations

import base64
import hashlib
import random
import string
from typing import TYPE_CHECKING

import pytest

from leakscan.validators import validate
from leakscan.validators.azure import marvin32
from leakscan.validators.crc32_base62 import encode

if TYPE_CHECKING:
    from collections.abc import Callable

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
HEX = "0123456789abcdef"


def draw(rng: random.Random, alphabet: str, length: int) -> str:
    """Return `length` random characters of `alphabet`."""
    return "".join(rng.choices(alphabet, k=length))


def crc32(text: str) -> int:
    """CRC-32/ISO-HDLC, one bit at a time."""
    register = 0xFFFFFFFF
    for byte in text.encode():
        for bit in range(8):
            odd = (register ^ byte >> bit) & 1
            register = register >> 1 ^ (0xEDB88320 if odd else 0)
    return register ^ 0xFFFFFFFF


def crc16(data: bytes) -> int:
    """CRC-16/XMODEM, one bit at a time."""
    register = 0
    for byte in data:
        for bit in reversed(range(8)):
            top = register >> 15 ^ byte >> bit & 1
            register = (register << 1 & 0xFFFF) ^ (0x1021 if top else 0)
    return register


def in_base(number: int, digits: str, width: int) -> str:
    """Write a number with the given digits, padded with the zero digit."""
    return "".join(digits[number // len(digits) ** place % len(digits)] for place in reversed(range(width)))


def marvin(data: bytes, seed: bytes) -> bytes:
    """Marvin32 over `data`, its seed as eight characters, as four little-endian bytes."""
    a, b = int.from_bytes(seed[4:], "big"), int.from_bytes(seed[:4], "big")

    def rol(value: int, bits: int) -> int:
        return ((value << bits) | (value >> (32 - bits))) % 2**32

    whole = len(data) // 4 * 4
    blocks = [int.from_bytes(data[i : i + 4], "little") for i in range(0, whole, 4)]
    blocks.append(int.from_bytes(data[whole:] + b"\x80", "little"))
    blocks.append(0)
    for block in blocks:
        a = (a + block) % 2**32
        b ^= a
        a = (rol(a, 20) + b) % 2**32
        b = rol(b, 9) ^ a
        a = (rol(a, 27) + b) % 2**32
        b = rol(b, 19)
    return (a ^ b).to_bytes(4, "little")


def bech32(hrp: str, data: bytes) -> str:
    """BIP 173 encoding in lower case."""
    charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    count = (len(data) * 8 + 4) // 5
    values = [bits >> 5 * (count - 1 - i) & 31 for i in range(count)]

    def remainder(parts: list[int]) -> int:
        chk = 1
        for part in parts:
            top = chk >> 25
            chk = (chk & 0x1FFFFFF) << 5 ^ part
            for i, gen in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
                chk ^= gen if top >> i & 1 else 0
        return chk

    head = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    rest = remainder(head + values + [0] * 6) ^ 1
    return hrp + "1" + "".join(charset[v] for v in values + [rest >> 5 * (5 - i) & 31 for i in range(6)])


def github(rng: random.Random) -> str:
    """Make a classic GitHub token."""
    body = draw(rng, BASE62, 30)
    return rng.choice(["ghp_", "gho_", "ghu_", "ghs_"]) + body + in_base(crc32(body), BASE62, 6)


def github_refresh(rng: random.Random) -> str:
    """Make a GitHub refresh token."""
    body = draw(rng, BASE62, 70)
    return "ghr_" + body + in_base(crc32(body), BASE62, 6)


def npm(rng: random.Random) -> str:
    """Make an npm token."""
    body = draw(rng, BASE62, 30)
    return "npm_" + body + in_base(crc32(body), BASE62, 6)


def vercel(rng: random.Random) -> str:
    """Make a Vercel token."""
    body = draw(rng, BASE62, 50)
    return rng.choice(["vcp_", "vci_", "vca_", "vcr_", "vck_"]) + body + in_base(crc32(body), BASE62, 6)


def cloudflare(rng: random.Random) -> str:
    """Make a Cloudflare token."""
    body = draw(rng, BASE62, 40)
    return rng.choice(["cfk_", "cfut_", "cfat_"]) + body + f"{crc32(body):08x}"


def grafana_glsa(rng: random.Random) -> str:
    """Make a Grafana service account token."""
    head = "glsa_" + draw(rng, BASE62, 32)
    return head + "_" + crc32(head).to_bytes(4, "little").hex()


def atlassian(rng: random.Random) -> str:
    """Make an Atlassian API token."""
    head = rng.choice(["ATATT3xFfGF0", "ATCTT3xFfGN0"]) + draw(rng, BASE62 + "-_", 171) + "="
    return head + f"{crc32(head):08X}"


def zuplo(rng: random.Random) -> str:
    """Make a Zuplo key."""
    body = draw(rng, HEX, 32)
    return f"zpka_{body}_{crc32(body):08x}"


def confluent(rng: random.Random) -> str:
    """Make a Confluent secret."""
    body = draw(rng, BASE64, 54)
    return "cflt" + body + base64.b64encode(crc32(body).to_bytes(4, "little")).decode()[:6]


def gitlab_routable(rng: random.Random) -> str:
    """Make a routable GitLab token."""
    routing = f"o:{rng.randrange(9)}\nu:{rng.randrange(10**4)}"
    payload = base64.urlsafe_b64encode(rng.randbytes(16) + routing.encode() + bytes([len(routing)]))
    text = payload.rstrip(b"=").decode()
    digits = string.digits + string.ascii_lowercase
    head = f"{rng.choice(['glpat-', 'glrt-t1_', 'gldt-'])}{text}.01.{in_base(len(text), digits, 2)}"
    return head + in_base(crc32(head), digits, 7)


def azure(signature: str, seed: bytes, size: int) -> Callable[[random.Random], str]:
    """Return a maker of keys of `size` raw bytes; the signature ends where the checksum starts."""

    def make(rng: random.Random) -> str:
        # set the signature's characters, and zero bits up to the checksum's first byte
        covered = size - 4
        unpadded = (size * 8 + 5) // 6
        text = draw(rng, BASE64, unpadded - 10) + signature + "A" * 6
        raw = base64.b64decode(text + "=" * (-len(text) % 4))[:covered]
        return base64.b64encode(raw + marvin(raw, seed)).decode()

    return make


def azure_functions(rng: random.Random) -> str:
    """Make an Azure Functions key, URL-safe."""
    return azure("AzFu", b"Functi00", 40)(rng).translate(str.maketrans("+/", "-_"))


def cask(size: int) -> Callable[[random.Random], str]:
    """Return a maker of common annotated keys of 63 or 64 raw bytes."""

    def make(rng: random.Random) -> str:
        text = draw(rng, BASE62, 52) + "JQQJ99" + draw(rng, BASE62, 22)
        raw = base64.b64decode(text)
        return base64.b64encode((raw + marvin(raw, b"Default0"))[:size]).decode()

    return make


def azure_client_secret(rng: random.Random) -> str:
    """Make an Entra ID client secret."""
    alphabet = string.ascii_lowercase + string.ascii_uppercase + "1234567890.-_~"
    head = draw(rng, alphabet, 3) + "8Q~" + draw(rng, alphabet, 31)
    number = int.from_bytes(marvin(head.encode(), b"AadPwd00"), "little")
    return head + in_base(number, alphabet, 6).lstrip("a")[:3]


def age(rng: random.Random) -> str:
    """Make an age identity."""
    return bech32("age-secret-key-", rng.randbytes(32)).upper()


def nkey(rng: random.Random) -> str:
    """Make a NATS seed of any role."""
    role = rng.choice([0, 20 << 3, 14 << 3, 13 << 3, 2 << 3, 23 << 3])
    raw = bytes([18 << 3 | role >> 5, (role & 31) << 3]) + rng.randbytes(32)
    return base64.b32encode(raw + crc16(raw).to_bytes(2, "little")).decode().rstrip("=")


#: Checks with a checksum: the last character is covered.
CHECKSUMS: list[tuple[str, Callable[[random.Random], str]]] = [
    ("github", github),
    ("github", github_refresh),
    ("npm", npm),
    ("vercel", vercel),
    ("cloudflare", cloudflare),
    ("grafana_glsa", grafana_glsa),
    ("atlassian", atlassian),
    ("zuplo", zuplo),
    ("confluent", confluent),
    ("gitlab_routable", gitlab_routable),
    ("azure_marvin", azure("+ASt", b"Default0", 64)),
    ("azure_marvin", azure("ACDb", b"MastRW00", 64)),
    ("azure_marvin", azure("ACDb", b"MastRO00", 64)),
    ("azure_marvin", azure("+ASb", b"Send0000", 32)),
    ("azure_marvin", azure("+AEh", b"Listen00", 32)),
    ("azure_marvin", azure("AIoT", b"Device00", 32)),
    ("azure_marvin", azure("APIM", b"Gatewy00", 64)),
    ("azure_marvin", azure("+ACR", b"ACRDflt0", 39)),
    ("azure_marvin", azure("AzSe", b"PAdmin00", 39)),
    ("azure_marvin", azure_functions),
    ("azure_marvin", cask(63)),
    ("azure_marvin", cask(64)),
    ("azure_client_secret", azure_client_secret),
    ("age", age),
    ("nkey", nkey),
]


def label(case: object) -> str | None:
    """Name a parameter in the test's id."""
    return getattr(case, "__qualname__", None) or (case if isinstance(case, str) else None)


def changed(text: str) -> str:
    """Return the text with its last character changed to another that may stand there."""
    body = text.rstrip("=")
    padding = text[len(body) :]
    last = body[-1]
    if padding:  # only the upper bits of the last base64 character count: take one that differs in them
        return body[:-1] + ("Q" if last == "g" else "g") + padding
    for kind in ("23", "AB", "ab"):
        if last.isdigit() == kind.isdigit() and last.isupper() == kind.isupper():
            return body[:-1] + (kind[1] if last == kind[0] else kind[0])
    return body[:-1] + "A"


@pytest.mark.parametrize(("name", "make"), CHECKSUMS, ids=label)
def test_a_checksum_holds_and_fails_with_its_last_character_changed(
    name: str, make: Callable[[random.Random], str]
) -> None:
    """A token built from the formula is certain; with its last character changed it is not."""
    rng = random.Random(f"{name}{make.__qualname__}")
    for _ in range(20):
        token = make(rng)
        assert validate(name, token.encode()) is True
        assert changed(token) != token
        assert validate(name, changed(token).encode()) is False


@pytest.mark.parametrize(("name", "make"), CHECKSUMS, ids=label)
def test_a_checksum_covers_the_body(name: str, make: Callable[[random.Random], str]) -> None:
    """A changed character in the middle of the body is noticed as well."""
    rng = random.Random(f"body{name}{make.__qualname__}")
    for _ in range(10):
        token = make(rng)
        at = len(token) // 2 - 4
        other = "3" if token[at] == "2" else "2"
        assert validate(name, (token[:at] + other + token[at + 1 :]).encode()) is False


def test_github_fine_grained_covers_the_first_77_characters() -> None:
    """The eight base32 characters after the 77th decide; a change in them or before them is noticed."""
    rng = random.Random(93)
    for _ in range(20):
        head = f"github_pat_{draw(rng, BASE62, 22)}_{draw(rng, BASE62, 43)}"
        check = base64.b32encode(hashlib.sha256(head.encode()).digest()).decode()[:8]
        tail = draw(rng, BASE62, 8)
        assert validate("github_fine_grained", (head + check + tail).encode()) is True
        assert validate("github_fine_grained", (head + changed(check) + tail).encode()) is False
        assert validate("github_fine_grained", (changed(head) + check + tail).encode()) is False


@pytest.mark.parametrize(
    ("name", "token"),
    [
        # https://docs.confluent.io/cloud/current/client-apps/api-keys.html
        ("confluent", "cfltT8d8RzkNseTMEDKcjNM1BZ" + "TFPHqRn/dQm9q7w6SjzZ12wZfwjaJdipHZtDjw"),
        # https://pkg.go.dev/github.com/nats-io/nkeys/nk
        ("nkey", "SUAKYRHVIOREXV7EUZTBHUHL7" + "NUMHPMAS7QMDU3GTIUWEI5LDNOXD43IZY"),
        # https://github.com/C2SP/CCTV/tree/main/age
        ("age", "AGE-SECRET-KEY-1XMWWC06LY3EE5RYTX" + "M9MFLAZ2U56JJJ36S0MYPDRWSVLUL66MV4QX3S7F6"),
    ],
    ids=["confluent", "nkey", "age"],
)
def test_published_vectors_hold(name: str, token: str) -> None:
    """Samples from the vendors' own documents and test suites hold, and fail when altered."""
    assert validate(name, token.encode()) is True
    assert validate(name, changed(token).encode()) is False


@pytest.mark.parametrize(
    ("seed", "data", "expected"),
    [
        (0x004FB61A001BDBCC, "", 0x302009BC),
        (0x004FB61A001BDBCC, "af", 0x3592E206),
        (0x004FB61A001BDBCC, "37f495", 0x6B3C8B90),
        (0x804FB61A001BDBCC, "8642dc59", 0x62D3D460),
        (0x804FB61A801BDBCC, "00FF00FF00FF00", 0x8A9C61C6),
    ],
)
def test_marvin32_gives_the_published_values(seed: int, data: str, expected: int) -> None:
    """Marvin32 equals the vectors of .NET's own tests."""
    assert marvin32(bytes.fromhex(data), seed) == expected


def test_base62_pads_to_six_digits() -> None:
    """Small checksums are padded with zeros on the left; the largest fits in six digits."""
    assert encode(0) == b"000000"
    assert encode(61) == b"00000z"
    assert encode(2**32 - 1) == in_base(2**32 - 1, BASE62, 6).encode()


def test_older_generations_say_nothing() -> None:
    """A token of a format without checksum is neither confirmed nor refuted."""
    rng = random.Random(5)
    assert validate("gitlab_routable", f"glpat-{draw(rng, BASE62, 20)}".encode()) is None
    assert validate("github", draw(rng, HEX, 40).encode()) is None
    assert validate("azure_marvin", base64.b64encode(rng.randbytes(64))) in (None, False)
    assert validate("openai_project", f"sk-{draw(rng, BASE62, 40)}".encode()) is None


def test_redis_keys_with_replaced_letters_are_not_refuted() -> None:
    """Azure Redis keys had `+` and `/` replaced after the checksum was made: they say nothing."""
    rng = random.Random(6)
    token = azure("AzCa", b"Access00", 32)(rng)
    assert validate("azure_marvin", token.encode()) is True
    head = draw(rng, BASE62, 33)
    assert validate("azure_marvin", f"{head}AzCaABCDEF=".encode()) is None
