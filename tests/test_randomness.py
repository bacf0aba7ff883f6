"""The randomness model: names are names, tokens are random, and the shipped table is whole."""

from __future__ import annotations

import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan.validators import randomness as model
from leakscan.validators.bigrams import COSTS
from leakscan.validators.entropy import alphabet_size, normalised, shannon
from leakscan.validators.randomness import evidence, looks_random, randomness

NAMES = """
getUserTokenFromRequest production-eu-west-1-cluster my_secret_name application/json correcthorsebatterystaple
org.apache.kafka.clients.NetworkClient /var/lib/docker/overlay2 INVALID_CLIENT_CREDENTIALS refreshTokenExpired
kube-apiserver x86_64-linux-gnu utf8mb4_0900_ai_ci TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 Mozilla/5.0
com.fasterxml.jackson.databind.ObjectMapper ip-10-0-12-34.eu-west-1.compute.internal kubernetes.io/hostname
session-store-redis-0 SCRAM-SHA-256 AES256-GCM-SHA384 RSA-OAEP-256 prod-db-01.internal text-embedding-3-small
ghcr.io/org/image:v1.2.3 2024-01-02-backup XMLHttpRequest user_id_12345 ROLE_ADMIN,ROLE_USER PostgreSQL
openid+profile+email benutzerverwaltungsdienst mot-de-passe-oublie gebruikersnaam kundendatenbank-produktion
arn:aws:iam::123456789012:role/admin spring.datasource.hikari.maximum-pool-size qwertyuiop hunter2 password123
LongDescriptiveConfigurationPropertyNameForTesting src/main/java/com/acme/auth/TokenService.java us-east-1a
""".split()  # noqa: SIM905 - a list of fifty quoted strings would say no more

ALPHABETS = {
    "hex": "0123456789abcdef",
    "base32": string.ascii_uppercase + "234567",
    "base36": string.digits + string.ascii_lowercase,
    "base62": string.digits + string.ascii_letters,
    "base64": string.digits + string.ascii_letters + "+/",
    "base64url": string.digits + string.ascii_letters + "-_",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_not_random(name: str) -> None:
    """Identifiers, class names, kebab names, paths, media types and glued words read as names."""
    assert not looks_random(name.encode())


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize(("length", "least"), [(16, 0.985), (20, 0.995), (32, 0.9995)])
def test_tokens_are_random(alphabet: str, length: int, least: float) -> None:
    """Of random tokens of 16 characters and more nearly all are found, of longer ones all but a few."""
    rng = random.Random(f"{alphabet}{length}")
    found = sum(
        looks_random("".join(rng.choices(ALPHABETS[alphabet], k=length)).encode()) for _ in range(2000)
    )
    assert found / 2000 >= least


def test_a_token_behind_a_name_is_found() -> None:
    """A long name in front does not outweigh a random tail; a pod's five random characters are none."""
    rng = random.Random(1)
    tail = "".join(rng.choices(ALPHABETS["base62"], k=24))
    assert looks_random(f"production-payment-service-account-{tail}".encode())
    assert not looks_random(b"production-payment-service-account-x2v8q")


def test_digits_and_short_values_say_nothing() -> None:
    """Numbers are not random text, nor is anything under eight characters."""
    assert randomness(b"1700000000123") == 0.0
    assert randomness(b"") == 0.0
    assert not looks_random(b"8f3Kq9Z")


def test_evidence_grows_with_length() -> None:
    """The score is for one character, the evidence for all: the longer a token the surer."""
    token = b"k8F2mQ9zXwPq7LrT5vYb3NcJ6hGd1SaU"
    assert evidence(token) == pytest.approx(randomness(token) * len(token))
    assert evidence(token[:12]) < evidence(token[:20]) < evidence(token)


def test_the_table_is_whole() -> None:
    """One printable cost for each pair of symbols, and every row is close to a distribution."""
    assert len(COSTS) == model.SYMBOLS**2
    assert min(COSTS) >= model.FIRST
    assert max(COSTS) <= model.FIRST + model.MAX_COST
    for row in range(model.SYMBOLS):
        costs = COSTS[row * model.SYMBOLS : (row + 1) * model.SYMBOLS]
        shares = [
            2 ** -((cost - model.FIRST) / model.STEPS) * spread
            for cost, spread in zip(costs, model.SPREAD, strict=True)
        ]
        assert 0.9 < sum(shares) < 1.1


@given(st.binary(max_size=2000))
def test_any_bytes_have_a_score(data: bytes) -> None:
    """No bytes make the model or the entropies raise, and each result stays in its range."""
    assert -10 < randomness(data) < 20
    assert isinstance(looks_random(data), bool)
    assert 0.0 <= shannon(data) <= 8.0
    assert 0.0 <= normalised(data) <= 1.0


@pytest.mark.parametrize("length", [255, 256, 600, 5000])
def test_shannon_counts_any_length(length: int) -> None:
    """Beyond the table of logarithms the value is computed; both agree with the definition."""
    assert shannon(b"a" * length) == pytest.approx(0.0, abs=1e-9)
    assert shannon(b"ab" * length) == pytest.approx(1.0)
    assert shannon(bytes(range(256)) * length) == pytest.approx(8.0)


def test_the_narrowest_alphabet_is_taken() -> None:
    """Digits, hex, base32, base36, base62, base64, printable and bytes are told apart."""
    samples = [
        b"0123",
        b"12af",
        b"12AF",
        b"ABZ2",
        b"abz2",
        b"abz1",
        b"ABZ1",
        b"aB1",
        b"aB1+",
        b"aB1!",
        b"\xff",
    ]
    assert list(map(alphabet_size, samples)) == [10, 16, 16, 32, 32, 36, 36, 62, 64, 94, 256]


def test_normalised_entropy_takes_out_length_and_alphabet() -> None:
    """Hex and base62 tokens of any length come out alike, repetition comes out low."""
    rng = random.Random(3)
    for alphabet in ("hex", "base62"):
        for length in (16, 32, 64):
            assert normalised("".join(rng.choices(ALPHABETS[alphabet], k=length)).encode()) > 0.7
    assert normalised(b"aaaaaaaaaaaaaaab") < 0.2
    assert normalised(b"a") == 0.0


def test_a_verdict_takes_microseconds() -> None:
    """Model and entropy are called for every candidate: both stay far under a tenth of a millisecond."""
    token = b"k8F2mQ9zXwPq7LrT5vYb3NcJ6hGd1SaU0eIoKfZx"
    for judge in (looks_random, shannon, normalised):
        best = 1.0
        for _ in range(200):
            start = time.perf_counter()
            judge(token)
            best = min(best, time.perf_counter() - start)
        assert best < 0.0001
