"""Structures: tokens without a checksum, which decode to what their vendor puts in, or do not."""

from __future__ import annotations

import base64
import json
import random
import string
from typing import TYPE_CHECKING

import pytest

from leakscan.validators import validate

if TYPE_CHECKING:
    from collections.abc import Callable

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
HEX = "0123456789abcdef"


def draw(rng: random.Random, alphabet: str, length: int) -> str:
    """Return `length` random characters of `alphabet`."""
    return "".join(rng.choices(alphabet, k=length))


def label(case: object) -> str | None:
    """Name a parameter in the test's id."""
    return getattr(case, "__qualname__", None) or (case if isinstance(case, str) else None)


def b64json(value: object, *, url: bool = False) -> str:
    """Return base64 of compact JSON."""
    raw = json.dumps(value, separators=(",", ":")).encode()
    return (base64.urlsafe_b64encode(raw).rstrip(b"=") if url else base64.b64encode(raw)).decode()


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


def test_an_aws_key_id_is_never_certain() -> None:
    """No checksum: an id with a possible account number says nothing, an impossible one is false."""

    def key_id(account: int) -> bytes:
        raw = (1 << 47 | account << 7).to_bytes(6, "big") + bytes(4)
        return b"AKIA" + base64.b32encode(raw)

    assert validate("aws_access_key", key_id(123456789012)) is None
    assert validate("aws_access_key", key_id(10**12)) is False
    assert validate("aws_access_key", b"AKIA" + b"1" * 16) is False
    assert validate("aws_access_key", b"AKIAI" + b"A" * 15) is None


def test_a_cut_off_jwt_is_neither_right_nor_wrong() -> None:
    """A header alone, or a payload cut off in the log, proves nothing against the token."""
    token = jwt(random.Random(8))
    header, payload, _ = token.split(".")
    assert validate("jwt", header.encode()) is None
    assert validate("jwt", f"{header}.{payload[:5]}".encode()) is None
    assert validate("jwt", b64json({"typ": "JWT"}, url=True).encode() + b".e30.AAAA") is False
