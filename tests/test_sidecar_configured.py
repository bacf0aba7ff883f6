"""Configuration, allowlist, packs and rules in the sidecar: the same as in `leakscan redact`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("prometheus_client")

from leakscan import cli
from leakscan.errors import LeakscanError
from leakscan.sidecar.codecs import Tally, rewrite, wire
from leakscan.sidecar.config import check, from_table, load
from leakscan.sidecar.engine import config_hash, state_of
from leakscan.sidecar.proxy import State

ALLOWED = "Xk3v9QpLw7Zr2Tn8"
SECRET = "Yp4w8RqMx6As3Vm9"
ALLOW = f"[[allow]]\nreason = 'of the load test'\nvalue = '{ALLOWED}'\n"
ROUTE: dict[str, Any] = {"routes": [{"upstream": "http://127.0.0.1:1"}]}
RULE = """
provider = "Acme"
[[rules]]
id = "acme-key"
description = "Acme key; opens every door."
severity = "high"
keywords = ["acme_"]
regex = '''acme_[0-9a-f]{16}'''
examples = ['''door «acme_5f2a9c0e71b3d846» open''']
negatives = ['''acme_door''']
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where no configuration is, with a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEAKSCAN_CONFIG", raising=False)
    monkeypatch.setenv("LEAKSCAN_KEY", "an obviously fake key of the tests")


def state(**keys: Any) -> State:
    """Return what would serve with some keys in the file."""
    return state_of(check(from_table(ROUTE | keys)))


def through(made: State, codec: str, body: bytes) -> bytes:
    """Return a body as it would go on."""
    return rewrite(codec, body, made.redaction, Tally())


def otlp(*pairs: tuple[str, str]) -> bytes:
    """Return an OTLP request whose record has these attributes."""
    attributes = [
        wire.field(6, wire.field(1, name.encode()) + wire.field(2, wire.field(1, value.encode())))
        for name, value in pairs
    ]
    return wire.field(1, wire.field(2, wire.field(2, b"".join(attributes))))


@pytest.mark.parametrize(
    ("codec", "form"),
    [
        ("text", "login password={}\n"),
        ("ndjson", '{{"message":"login","password":"{}"}}\n'),
        ("json", '{{"headers":[{{"key":"password","value":"{}"}}]}}'),
        ("elasticsearch", '{{"index":{{}}}}\n{{"password":"{}"}}\n'),
        ("splunk", '{{"event":{{"password":"{}"}}}}'),
        ("clickhouse", '{{"string.names":["password"],"string.values":["{}"]}}\n'),
        ("loki-json", '{{"streams":[{{"stream":{{}},"values":[["1","password={}"]]}}]}}'),
        ("otlp-protobuf", None),
    ],
)
def test_the_allowlist_holds_in_every_codec(codec: str, form: str | None) -> None:
    """What is allowed passes byte by byte; the same body with another secret does not."""
    made = state(allow=[{"reason": "of the load test", "value": ALLOWED}])

    def body(secret: str) -> bytes:
        return form.format(secret).encode() if form is not None else otlp(("password", secret))

    assert through(made, codec, body(ALLOWED)) == body(ALLOWED)
    assert SECRET.encode() not in through(made, codec, body(SECRET))


@pytest.mark.parametrize("way", ["option", "environment", "directory", "project"])
def test_the_configuration_is_found_as_by_redact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Named, by the environment, in the directory, or in the project's file."""
    names = {"directory": ".leakscan.toml", "project": "pyproject.toml"}
    file = tmp_path / names.get(way, "other.toml")
    file.write_text(ALLOW.replace("[[allow]]", "[[tool.leakscan.allow]]") if way == "project" else ALLOW)
    if way == "environment":
        monkeypatch.setenv("LEAKSCAN_CONFIG", str(file))
    made = state(**({"scanner_config": str(file)} if way == "option" else {}))
    text = f"password={ALLOWED} password={SECRET}\n".encode()
    assert through(made, "text", text) == (
        f"password={ALLOWED} password=[REDACTED:generic-password]\n".encode()
    )


def test_lists_add_up_and_single_values_win(tmp_path: Path) -> None:
    """The sidecar's own file beside the scanner's configuration."""
    (tmp_path / "rules.toml").write_text(RULE)
    (tmp_path / ".leakscan.toml").write_text(
        "min_confidence = 'certain'\nrules = ['rules.toml']\ndisable = ['generic-token']\n" + ALLOW
    )
    text = (
        f"password={SECRET} api_key={SECRET} session=Zz{SECRET} acme_5f2a9c0e71b3d846 "
        f"password={ALLOWED} password=Qq{SECRET} jane@corp.example.org\n"
    ).encode()
    strict = through(state(), "text", text)
    assert strict == text  # nothing is certain
    made = state(min_confidence="low", packs=["pii"], allow=[{"reason": "too", "values": ["Qq" + SECRET]}])
    redacted = through(made, "text", text).decode()
    assert f"password=[REDACTED:generic-password] api_key={SECRET}" in redacted
    assert "[REDACTED:acme-key]" in redacted
    assert f"password={ALLOWED} password=Qq{SECRET} [REDACTED:" in redacted
    assert "jane@" not in redacted


def test_fingerprints_of_a_report_are_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the key of the report."""
    log = tmp_path / "a.log"
    log.write_text(f"password={ALLOWED}\n")
    assert cli.run(["scan", "--format", "jsonl", str(log)]) == 1
    fingerprint = json.loads(capsys.readouterr().out)["fingerprint"]
    made = state(allow=[{"reason": "known", "fingerprint": fingerprint}])
    body = f"password={ALLOWED}\n".encode()
    assert through(made, "text", body) is body


def test_personal_data_is_found_over_all_codecs_when_the_pack_is_on() -> None:
    """Off by default; on, also in protobuf."""
    for codec, body in (
        ("ndjson", b'{"message":"mail to jane@corp.example.org"}\n'),
        ("otlp-protobuf", otlp(("note", "mail to jane@corp.example.org"))),
    ):
        assert through(state(), codec, body) is body
        assert b"jane@" not in through(state(packs=["pii"]), codec, body)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("packs = ['pi']", "packs: no pack 'pi'"),
        ("[[allow]]\nvalue = 'x'", "allow[1].reason: is missing"),
        ("[[allow]]\nreason = 'x'\nregexp = 'x'", "allow[1].regexp: unknown key; did you mean regex?"),
        ("[[allow]]\nreason = 'x'\nrule = 'nope'", "allow: no such rule: nope"),
        ("scanner_config = 'no-such.toml'", "no-such.toml: "),
        ("disable = ['generic-pasword']", "no such rule: generic-pasword; did you mean generic-password?"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, words: str) -> None:
    """At the start, by file and key."""
    file = tmp_path / "sidecar.toml"
    file.write_text(text + "\n[[routes]]\nupstream = 'http://127.0.0.1:1'\n")
    with pytest.raises(LeakscanError) as error:
        state_of(load(str(file)))
    assert words in str(error.value)


def test_the_hash_tells_configurations_apart(tmp_path: Path) -> None:
    """It changes with the scanner's configuration too."""
    before = config_hash(state())
    (tmp_path / ".leakscan.toml").write_text("disable = ['generic-token']\n")
    assert config_hash(state()) != before


def test_options_of_the_command(tmp_path: Path) -> None:
    """`--pack` and `--scanner-config` are taken beside `--upstream`."""
    (tmp_path / "allow.toml").write_text(ALLOW)
    arguments = ["--upstream", "http://127.0.0.1:1", "--pack", "pii", "--scanner-config", "allow.toml"]
    assert cli.run(["sidecar", *arguments, "--check"]) == 0
    assert cli.run(["sidecar", *arguments[:-1], "no-such.toml", "--check"]) == 2
