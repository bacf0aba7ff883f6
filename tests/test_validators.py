"""The table of checks: names, lazy imports, any bytes, time. Each check has its tests elsewhere."""

from __future__ import annotations

import base64
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakscan.validators import MAX_SECRET, NAMES, validate

TEXT = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_.=:"


def test_every_name_is_a_check() -> None:
    """Every name is importable and answers, an unknown one says nothing."""
    assert all(validate(name, b"") in (None, False) for name in NAMES)
    assert len(NAMES) >= 27
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
        st.text(TEXT, max_size=300).map(str.encode),
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
