"""The offline checks, against tokens that are built here from the formulas in textbook form.

Nothing of the package under test builds a sample: CRC32, CRC16, bech32 and Marvin32 are written a
second time, bit by bit.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakscan.validators import MAX_SECRET, NAMES, validate
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


def b64json(value: object, *, url: bool = False) -> str:
    """Return base64 of compact JSON."""
    raw = json.dumps(value, separators=(",", ":")).encode()
    return (base64.urlsafe_b64encode(raw).rstrip(b"=") if url else base64.b64encode(raw)).decode()


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


def grafana_glc(rng: random.Random) -> str:
    """Make a Grafana Cloud token."""
    return "glc_" + b64json(
        {"o": str(rng.randrange(10**6)), "n": "logs", "k": draw(rng, BASE62, 24), "m": {"r": "eu"}}
    )


def grafana_key(rng: random.Random) -> str:
    """Make an older Grafana API key."""
    return b64json({"k": draw(rng, BASE62, 32), "n": "ci", "id": 1})


def sentry_org(rng: random.Random) -> str:
    """Make a Sentry organisation token."""
    members = {
        "iat": 1700000000.1,
        "url": "https://s.example",
        "region_url": "https://e.example",
        "org": "acme",
    }
    return f"sntrys_{b64json(members)}_{draw(rng, BASE64, 43)}"


def jwt(rng: random.Random) -> str:
    """Make a signed JWT."""
    head, body = b64json({"alg": "HS256", "typ": "JWT"}, url=True), b64json({"sub": "7"}, url=True)
    return f"{head}.{body}.{draw(rng, BASE62, 43)}"


def jwe(rng: random.Random) -> str:
    """Make an encrypted JWT."""
    head = b64json({"alg": "dir", "enc": "A256GCM"}, url=True)
    return f"{head}..{draw(rng, BASE62, 16)}.{draw(rng, BASE62, 43)}.{draw(rng, BASE62, 22)}"


def github_stateless(rng: random.Random) -> str:
    """Make a GitHub installation token that holds a JWT."""
    return f"ghs_{rng.randrange(10**6)}_{jwt(rng)}"


def discord(rng: random.Random) -> str:
    """Make a Discord bot token."""
    user = base64.b64encode(str(rng.randrange(10**17, 10**18)).encode()).decode().rstrip("=")
    return f"{user}.{draw(rng, BASE62, 6)}.{draw(rng, BASE62 + '-_', 38)}"


def jfrog(rng: random.Random) -> str:
    """Make a JFrog reference token."""
    return base64.b64encode(f"reftkn:01:1767225600:{draw(rng, BASE62, 27)}".encode()).decode()


def onepassword_sa(rng: random.Random) -> str:
    """Make a 1Password service account token."""
    return "ops_" + b64json({"email": "a@b.example", "muk": {"k": draw(rng, BASE62, 43)}, "secretKey": "A3"})


def pypi(rng: random.Random) -> str:
    """Make a PyPI token."""
    raw = b"\x02\x01\x08pypi.org\x02\x24" + rng.randbytes(36) + b"\0\x06\x20" + rng.randbytes(32)
    return "pypi-" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def aws_session(rng: random.Random) -> str:
    """Make an STS session token."""
    opening = rng.choice(
        [b"\x21\x0a\x09origin", b"\x17\x0a\x19er/aws".replace(b"\x17\x0a\x19", b"\x14\x0a\x13")]
    )
    return base64.b64encode(opening + rng.randbytes(120)).decode()


def slack(rng: random.Random) -> str:
    """Make a Slack bot token."""
    return f"xoxb-{draw(rng, '123456789', 12)}-{draw(rng, '123456789', 13)}-{draw(rng, BASE62, 24)}"


def slack_app(rng: random.Random) -> str:
    """Make a Slack app-level token."""
    return (
        f"xapp-1-A{draw(rng, string.ascii_uppercase, 10)}-{draw(rng, '123456789', 13)}-{draw(rng, HEX, 64)}"
    )


def telegram(rng: random.Random) -> str:
    """Make a Telegram bot token."""
    return f"{draw(rng, '123456789', 10)}:AA{draw(rng, BASE62, 33)}"


def openai_project(rng: random.Random) -> str:
    """Make an OpenAI project key."""
    half = rng.choice([20, 58, 74])
    return f"sk-proj-{draw(rng, BASE62, half)}T3BlbkFJ{draw(rng, BASE62, half)}"


def openai_user(rng: random.Random) -> str:
    """Make an OpenAI user key."""
    return f"sk-{draw(rng, BASE62, 20)}T3BlbkFJ{draw(rng, BASE62, 20)}"


def pem_pkcs1(rng: random.Random) -> str:
    """Make the armour of an RSA key, over random bytes."""
    body = base64.b64encode(b"\x30\x82\x04\xa3\x02\x01\x00\x02\x82\x01\x01" + rng.randbytes(400)).decode()
    lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----"


def pem_openssh(rng: random.Random) -> str:
    """Make an OpenSSH key on one line, with literal newlines."""
    body = base64.b64encode(b"openssh-key-v1\0" + rng.randbytes(200)).decode()
    lines = "\\n".join(body[i : i + 70] for i in range(0, len(body), 70))
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\\n{lines}\\n-----END OPENSSH PRIVATE KEY-----\\n"


def pem_sealed(rng: random.Random) -> str:
    """Make the bare body of an encrypted PKCS#8 key."""
    return base64.b64encode(b"\x30\x82\x01\x10\x30\x57" + rng.randbytes(270)).decode()


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
#: Checks of structure: there is no checksum, so another letter may stay possible; a damaged one may not.
STRUCTURES: list[tuple[str, Callable[[random.Random], str]]] = [
    ("grafana_glc", grafana_glc),
    ("grafana_glc", grafana_key),
    ("sentry_org", sentry_org),
    ("jwt", jwt),
    ("jwt", jwe),
    ("github", github_stateless),
    ("discord", discord),
    ("jfrog", jfrog),
    ("onepassword_sa", onepassword_sa),
    ("pypi", pypi),
    ("aws_session", aws_session),
    ("slack", slack),
    ("slack", slack_app),
    ("telegram", telegram),
    ("openai_project", openai_project),
    ("openai_project", openai_user),
]
PEMS = [pem_pkcs1, pem_openssh, pem_sealed]


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


@pytest.mark.parametrize(("name", "make"), STRUCTURES, ids=label)
def test_a_structure_decodes_and_a_damaged_one_is_not_certain(
    name: str, make: Callable[[random.Random], str]
) -> None:
    """A token built from the structure is certain; with a foreign last character or cut in half it is not."""
    rng = random.Random(f"{name}{make.__qualname__}")
    for _ in range(20):
        token = make(rng)
        assert validate(name, token.encode()) is True
        assert validate(name, token[:-1].encode() + b"!") is not True
        assert validate(name, token[: len(token) // 3].encode()) is not True


@pytest.mark.parametrize("make", PEMS, ids=label)
def test_a_private_key_is_known_by_its_first_bytes(make: Callable[[random.Random], str]) -> None:
    """PKCS#1, OpenSSH and encrypted PKCS#8 are keys, whole or cut off; random bytes in armour are not."""
    rng = random.Random(make.__qualname__)
    block = make(rng)
    assert validate("pem", block.encode()) is True
    assert validate("pem", block[: len(block) // 2].encode()) is True
    noise = base64.b64encode(b"\xff" + rng.randbytes(90)).decode()
    armoured = f"-----BEGIN RSA PRIVATE KEY-----\n{noise}\n-----END RSA PRIVATE KEY-----"
    assert validate("pem", armoured.encode()) is False


def test_an_encrypted_rsa_key_says_nothing() -> None:
    """The body of a `Proc-Type: 4,ENCRYPTED` key is ciphertext, so its bytes prove nothing."""
    body = base64.b64encode(random.Random(4).randbytes(96)).decode()
    block = f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\n{body}\n"
    assert validate("pem", block.encode()) is None


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


def test_an_aws_key_id_is_never_certain() -> None:
    """No checksum: an id with a possible account number says nothing, an impossible one is false."""

    def key_id(account: int) -> bytes:
        raw = (1 << 47 | account << 7).to_bytes(6, "big") + bytes(4)
        return b"AKIA" + base64.b32encode(raw)

    assert validate("aws_access_key", key_id(123456789012)) is None
    assert validate("aws_access_key", key_id(10**12)) is False
    assert validate("aws_access_key", b"AKIA" + b"1" * 16) is False
    assert validate("aws_access_key", b"AKIAI" + b"A" * 15) is None


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


def test_a_cut_off_jwt_is_neither_right_nor_wrong() -> None:
    """A header alone, or a payload cut off in the log, proves nothing against the token."""
    token = jwt(random.Random(8))
    header, payload, _ = token.split(".")
    assert validate("jwt", header.encode()) is None
    assert validate("jwt", f"{header}.{payload[:5]}".encode()) is None
    assert validate("jwt", b64json({"typ": "JWT"}, url=True).encode() + b".e30.AAAA") is False


def test_names_are_the_functions() -> None:
    """Every name is importable, and an unknown one says nothing."""
    assert {name for name, _ in CHECKSUMS + STRUCTURES} | {
        "pem",
        "aws_access_key",
        "github_fine_grained",
    } == NAMES
    assert validate("nobody", b"x") is None


def test_only_the_check_in_use_is_imported() -> None:
    """Start-up pays for no check that is not used."""
    code = (
        "import sys; from leakscan.validators import validate; validate('npm', b''); "
        "print([m for m in sys.modules if m.startswith('leakscan.validators.')])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "crc32_base62" in loaded
    assert "azure" not in loaded
    assert "pem" not in loaded


OPENINGS = [
    b"", b"ghp_", b"ghs_1_eyJ", b"github_pat_", b"npm_", b"vcp_", b"cfk_", b"glsa_", b"glc_eyJ", b"eyJ",
    b"ATATT3x", b"glpat-", b"cflt", b"zpka_", b"AKIA", b"IQoJb3JpZ2lu", b"pypi-AgEIcHlwaS5vcmcC",
    b"sntrys_eyJ",
    b"cmVmdGtu", b"AGE-SECRET-KEY-1", b"SUA", b"xoxb-1", b"1234567890:AA", b"sk-proj-", b"ops_eyJ",
    b"-----BEGIN PRIVATE KEY-----", b"MII",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(NAMES)),
    opening=st.sampled_from(OPENINGS),
    rest=st.one_of(
        st.binary(max_size=300),
        st.text(BASE64 + "-_.=:", max_size=300).map(str.encode),
        st.text('[]{}",:0', max_size=300).map(lambda text: base64.b64encode(text.encode())),
    ),
    ending=st.sampled_from([b"", b"=", b"+AStABCDEF==", b".01.0z0000000", b"AA"]),
)
def test_any_bytes_give_an_answer(name: str, opening: bytes, rest: bytes, ending: bytes) -> None:
    """No bytes whatever make a check raise, and the answer is True, False or None."""
    assert validate(name, opening + rest + ending) in (True, False, None)


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("filler", [b"A", b"a0_-", b"\\n", b"\n", b"e30.", b"[", b"eyJ7", b"-", b"-BEGIN "])
def test_the_longest_input_takes_under_a_millisecond(name: str, filler: bytes) -> None:
    """At the size limit, and with every opening, a check stays under a millisecond."""
    for opening in OPENINGS:
        secret = (opening + filler * MAX_SECRET)[:MAX_SECRET]
        best = 1.0
        for _ in range(5):
            start = time.perf_counter()
            validate(name, secret)
            best = min(best, time.perf_counter() - start)
            if best < 0.001:
                break
        assert best < 0.001, (opening, filler)
    assert validate(name, b"A" * (MAX_SECRET + 1)) is None
