"""What is no secret: placeholders, published examples, plain shapes. And what must never be taken for one."""

from __future__ import annotations

import base64
import hmac
import json
import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakscan.validators import known, shapes
from leakscan.validators.known import is_public
from leakscan.validators.placeholder import is_placeholder

PLACEHOLDERS = {
    "mask": """
        **** .... xxxx XXXX-XXXX *** ##### •••• ●●●● … ████ -- ___ ******** sk_live_****1234
        abcd...wxyz abcd•••wxyz abc*** sk-... ghp_xxxxxxxxxxxxxxxxxxxx xoxb-XXXXXXXXXXXX eyJhb... ***1234
    """,
    "masked": """
        [REDACTED] [FILTERED] <hidden> <redacted> {filtered} (hidden) [MASKED] [secure] [PROTECTED]
        ***REDACTED*** redacted REDACTED [REDACTED:github-token:1a2b3c4d] [LEAKSCAN:unscanned
        [LEAKSCAN:..]
    """,
    "reference": """
        ${DB_PASSWORD} ${db.password:-x} $VAR $DB_PASS $db_password $(cmd) $1 `cat` {{ {{x}}
        {{.Values.token}} {x} {0} {} {apiKey} {API_KEY} %(x)s %s %v %+v %d %DB_PASS% %{password}
        #{x} @{x} @Value @Value(x) @password :password :1 ? ?? $env:TOKEN <password> <YOUR_API_KEY>
        <your-token-here> <SecretStr>
    """,
    "store": """
        env:NAME vault:secret/data/db op://vault/item/field ssm:/prod/db !Ref !secret !vault
        secretKeyRef arn:aws:secretsmanager:eu-west-1:123456789012:secret:x ref+vault://secret/db
        ${{secrets.TOKEN}}
    """,
    "code": """
        process.env.API_KEY self.password config.token this.options.password os.environ['X']
        os.getenv('X') ENV['X'] settings.SECRET_KEY args.password req.body.password
    """,
    "null": """
        null None nil undefined true false N/A none empty NULL (null) <nil> [] {} '' %!s(MISSING)
    """,
    "sample": """
        your-api-key YOUR_TOKEN_HERE yourApiKey your_password_here dummy-token fake_key FakeToken123
        sample_secret REPLACE_ME replace-me INSERT_KEY_HERE PLACEHOLDER placeholder_value
        example-token example_password ExamplePassword AKIAIOSFODNN7EXAMPLE EXAMPLEKEY changethis
    """,
    "sequence": """
        1234567890abcdef abcdefghijklmnop 00000000 0000 aaaaaaaa ababababab deadbeefdeadbeef
        1111111111 0123456789abcdef0123456789abcdef fedcba9876543210 123456789012
        sk_live_1234567890abcdef 00000000-0000-0000-0000-000000000000
        11111111-2222-3333-4444-555555555555 abcabcabcabc
    """,
}
SECRETS = """
_secret_99 Hidden-Tiger-42 @Password1 mind-your-head-42 secret:abcDEF123 hunter2...
changeme password admin123 12345678 123456 1234567890 qwerty letmein P@ssw0rd! hunter2 $ecret!
$uperMan99 s3cr3t correcthorsebatterystaple Tr0ub4dor&3 abc123 abcd1234 password123
$2b$12$abcdefghijklmnopqrstuv pass#word secret Summer2024! secret123 test testpass toor p*ss ab*cd1234
Welcome1 iloveyou monkey dragon fakir2024 sampler99 f4k3 yourself99 truename nullify none-such
<xml>hunter2</xml> s3cr3t:pw @dm1nPass $ecretPass2024 #1Password testtest user@example.com
https://user:pw@db.example.com/x Xx_gamer_xX a1b2c3d4 passpass mypass...word1234567890
""".split()  # noqa: SIM905 - a list of fifty quoted strings would say no more

ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digits": string.digits,
    "base32": string.ascii_uppercase + "234567",
    "base36": string.digits + string.ascii_lowercase,
    "BASE36": string.digits + string.ascii_uppercase,
    "base58": "".join(sorted(set(string.ascii_letters + string.digits) - set("0OIl"))),
    "base62": string.digits + string.ascii_letters,
    "base64": string.digits + string.ascii_letters + "+/",
    "base64url": string.digits + string.ascii_letters + "-_",
    "a-z": string.ascii_lowercase,
    "A-Z": string.ascii_uppercase,
    "A-Za-z": string.ascii_letters,
    "printable": "".join(map(chr, range(33, 127))),
}
#: Of these fourteen alphabets and two dozen prefixes and lengths: 200,200 tokens.
TOKENS_EACH = 14_300


@pytest.mark.parametrize("kind", PLACEHOLDERS)
def test_placeholders_are_known(kind: str) -> None:
    """Masks, references, nulls, samples and sequences of each kind stand for no secret."""
    missed = [text for text in PLACEHOLDERS[kind].split() if not is_placeholder(text.encode())]
    assert missed == []


@pytest.mark.parametrize(
    "text", ["{{ x }}", "{{ .Values.db.password }}", "not set", "<your token here>", "  ", ""]
)
def test_placeholders_with_blanks(text: str) -> None:
    """A placeholder may hold blanks, and an empty value is one."""
    assert is_placeholder(text.encode())


def test_weak_passwords_are_secrets() -> None:
    """A weak password is a secret, also one with a star, a dollar or the word fake in the middle."""
    assert [text for text in SECRETS if is_placeholder(text.encode())] == []


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_no_random_token_is_a_placeholder(alphabet: str) -> None:
    """Of 200,000 random tokens of fourteen alphabets, bare or behind a prefix, not one is dropped."""
    rng = random.Random(f"placeholder {alphabet}")
    letters = ALPHABETS[alphabet]
    shortest = 12 if alphabet == "digits" else 8
    dropped = []
    for _ in range(TOKENS_EACH):
        body = "".join(rng.choices(letters, k=rng.choice([shortest, 12, 16, 20, 24, 32, 40, 43, 64, 86])))
        token = rng.choice(["", "", "", "sk_live_", "ghp_", "AKIA", "key-", "tok_", "s.", "xoxb-1-"]) + body
        if is_placeholder(token.encode()):
            dropped.append(token)
    assert dropped == []


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.binary(max_size=700), st.text("*.xX-_{}$<>%#@:?!()[]`aA0 ", max_size=700).map(str.encode))
)
def test_any_bytes_are_judged(value: bytes) -> None:
    """No bytes make a judgement of values raise."""
    assert isinstance(is_placeholder(value), bool)
    assert isinstance(is_public(value), bool)
    for name in SHAPES:
        assert isinstance(getattr(shapes, name)(value), bool)


def signed(payload: dict[str, object], key: bytes) -> bytes:
    """Return the HS256 token that jwt.io shows for a payload and a key."""

    def part(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    head = part(b'{"alg":"HS256","typ":"JWT"}')
    text = head + b"." + part(json.dumps(payload, separators=(",", ":")).encode())
    return text + b"." + part(hmac.digest(key, text, "sha256"))


PUBLIC = {
    "AWS id": b"AKIA" + b"IOSFODNN7" + b"EXAMPLE",
    "AWS secret": b"wJalrXUtnFEMI/K7MDENG/" + b"bPxRfiCYEXAMPLEKEY",
    "jwt.io": signed({"sub": "1234567890", "name": "John Doe", "iat": 1516239022}, b"your-256-bit-secret"),
    "jwt.io before": signed({"sub": "1234567890", "name": "John Doe", "admin": True}, b"secret"),
    "Supabase local": signed(
        {"iss": "supabase-demo", "role": "service_role", "exp": 1983812996},
        b"super-secret-jwt-token-with-at-least-32-characters-long",
    ),
    "Stripe": b"sk_test_" + b"4eC39HqLyjWDarjtT1zdp7dc",
    "Stripe before": b"sk_test_" + b"BQokikJOvBiI2HlWgH4olfQ2",
    "Azurite": b"".join(
        [b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50u", b"SRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="]
    ),
    "Cosmos emulator": b"".join(
        [b"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5D", b"E2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="]
    ),
    "RFC 7617": base64.b64encode(b"Aladdin:open sesame"),
    "Hardhat": b"0x" + b"ac0974bec39a17e36ba4a6b4d238ff94" + b"4bacb478cbed5efcae784d7bf4f2ff80",
}


@pytest.mark.parametrize("name", PUBLIC)
def test_published_examples_are_public(name: str) -> None:
    """What vendors print in their documents opens nothing; one changed character makes it a stranger's."""
    value = PUBLIC[name]
    assert is_public(value)
    middle = len(value) // 2
    other = b"3" if value[middle : middle + 1] == b"2" else b"2"
    assert not is_public(value[:middle] + other + value[middle + 1 :])


def test_the_list_holds_no_token() -> None:
    """The list is of truncated digests, all of one width, so the file cannot leak or be flagged."""
    assert all(len(digest) == 16 and set(digest) <= set("0123456789abcdef") for digest in known._DIGESTS)


SHAPES = {
    "is_uuid": (
        ["123e4567-e89b-12d3-a456-426614174000", "{123E4567-E89B-12D3-A456-426614174000}"],
        [
            "123e4567e89b12d3a456426614174000",
            "123e4567-e89b-12d3-a456-42661417400",
            "g23e4567-e89b-12d3-a456-42661417400",
        ],
    ),
    "is_hex_digest": (
        [
            "d41d8cd98f00b204e9800998ecf8427e",
            "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
            "sha256:" + "ab" * 32,
        ],
        ["d41d8cd98f00b204e9800998ecf8427", "D41d8cd98f00b204e9800998ecf8427e", "g" * 32],
    ),
    "is_number": (
        ["1532", "-4.5", "1,234,567", "1e-9", "3.5ms", "10MB", "10 MB", "99%", "0x1f", ".5"],
        ["12a4", "1,23", "hunter2", "", "1.2.3"],
    ),
    "is_path": (
        [
            "/var/run/secrets/kubernetes.io/serviceaccount/token",
            "/etc/passwd",
            "./a/b.txt",
            "../config/app.yml",
            "~/.ssh/id_rsa",
            "C:\\Users\\a\\b.txt",
            "application/json",
            "/api/v1/users",
            "image/svg+xml",
            "/healthz",
            "src/main/java/App.java",
            "lib/python3.11/site-packages/foo.py",
            "docker/library/nginx",
            "/",
        ],
        ["wJalrXUtnFEMI/K7MDENG/bPxRfi", "/9j/4AAQSkZJRgABAQ", "abc+def/ghK==", "hunter2", "pass/W0rd!"],
    ),
    "is_class_name": (
        [
            "org.apache.Foo$Bar",
            "getUserTokenFromRequest",
            "com.example.auth.TokenService",
            "TokenAuthenticator",
            "JwtAuthFilter",
            "io.netty.channel.nio.NioEventLoop",
            "userId",
            "HttpServletRequest",
            "XMLHttpRequest",
            "refreshTokenExpiresIn",
            "Foo::Bar#baz",
            "parseJSON",
        ],
        [
            "password",
            "hunter2",
            "k8F2mQ9zXwPq7LrT",
            "NX6CVVGTXGYWKPVF",
            "eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM",
            "Welcome1",
        ],
    ),
    "is_timestamp": (
        [
            "2024-01-02T03:04:05Z",
            "2024-01-02T03:04:05.123456+00:00",
            "2024-01-02 23:05:11,123",
            "23:05:11.123",
            "21/Nov/2025:23:05:11 +0000",
            "Mon, 02 Jan 2006 15:04:05 GMT",
            "Nov 21 23:05:11",
            "1700000000",
            "1700000000123",
            "2024-01-02",
        ],
        ["2024-13-02", "99:99", "hunter2", "12345678", "9700000000"],
    ),
    "is_ip_or_host": (
        [
            "127.0.0.1",
            "10.0.0.1:8080",
            "10.0.0.0/8",
            "::1",
            "fe80::1%eth0",
            "[::1]:8080",
            "2001:db8::1",
            "db.example.com",
            "localhost:5432",
            "api.internal.svc.cluster.local:443",
        ],
        ["256.1.1.1.1", "hunter2", "a.b.1", "Pass.Word9", "12:34"],
    ),
    "is_version": (
        ["1.2.3", "v1.2", "v1.2.3-rc.1+build.5", "go1.21.3", "nginx/1.25.3", "1.0.0-SNAPSHOT", "v1beta1"],
        ["hunter2", "1", "password1", "k8F2mQ9z"],
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_match_whole_values_only(name: str) -> None:
    """Each shape knows its own, refuses near misses, and never matches a part of a longer value."""
    check = getattr(shapes, name)
    own, foreign = SHAPES[name]
    assert [text for text in own if not check(text.encode())] == []
    assert [text for text in foreign if check(text.encode())] == []
    assert not any(check(text.encode() + b"\n") for text in own)


def test_base64_with_slashes_is_no_path() -> None:
    """AWS secrets have 40 characters of base64, half of them with a slash: not one in 20,000 is a path."""
    rng = random.Random(11)
    letters = ALPHABETS["base64"]
    assert not any(shapes.is_path("".join(rng.choices(letters, k=40)).encode()) for _ in range(20_000))


def test_random_tokens_are_rarely_class_names() -> None:
    """Of base62 tokens of 20 characters under one in a thousand has humps like a name."""
    rng = random.Random(12)
    letters = ALPHABETS["base62"]
    taken = sum(shapes.is_class_name("".join(rng.choices(letters, k=20)).encode()) for _ in range(20_000))
    assert taken < 20


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a/",
        "aA",
        "Aa.",
        "aaA",
        "1,",
        "a.",
        "a-",
        "/usr",
        "aa0",
        "_",
        "1.1-",
        "x_",
        "A_",
        "get",
        "{a.",
        "<a ",
        "a:b",
    ],
)
def test_hostile_repetition_takes_linear_time(unit: str) -> None:
    """Twenty thousand repeated bytes with a foreign last one cost each judge a few milliseconds at most."""
    value = (unit * 20_000)[:20_000].encode() + b"!\n"
    short = (unit * 500)[:500].encode() + b"!\x01"
    for check in (*(getattr(shapes, name) for name in SHAPES), is_placeholder, is_public):
        for text in (value, short):
            start = time.perf_counter()
            check(text)
            assert time.perf_counter() - start < 0.05
