"""The syslog-ng parser without syslog-ng: options, kinds of values, and failures."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest

from leakscan.integrations.syslog_ng import OPTIONS, Redact

SECRET = "Xk3v9QpLw7Zr2Tn8"


class Message(dict[str, Any]):
    """A message with two macros, which must not be touched; the names come as syslog-ng 3.x gives them."""

    def keys(self) -> Any:
        """Return the names of the fields and of the macros."""
        return [*(name.encode() for name in list(self)), b"S_DATE", b"FACILITY"]

    def __getitem__(self, name: str) -> Any:
        assert name not in {"S_DATE", "FACILITY"}
        return super().__getitem__(name)


@pytest.fixture(autouse=True)
def _syslogng(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the module in place that exists inside syslog-ng only."""
    module = types.ModuleType("syslogng")
    module.LogMessage = Message  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "syslogng", module)


def parser(**options: str) -> Redact:
    """Return a parser that took its options."""
    made = Redact()
    assert made.init({"engine": "ahocorasick", **options})
    return made


def test_every_field_is_redacted_by_its_name() -> None:
    """Names are context, as in records; what is clean stays as it was."""
    message = Message(
        {"MESSAGE": f"api_key={SECRET}".encode(), ".SDATA.x.password": SECRET.encode(), "PID": b"7"}
    )
    assert parser().parse(message)
    assert message["MESSAGE"].startswith(b"api_key=[REDACTED:")
    assert message[".SDATA.x.password"].startswith(b"[REDACTED:")
    assert message["PID"] == b"7"


def test_configuration_allowlist_and_packs_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in `leakscan redact`: from the file that is named, or from where the daemon runs."""
    config = tmp_path / ".leakscan.toml"
    config.write_text(
        f"disable = ['generic-token']\n[[allow]]\nreason = 'of the load test'\nvalue = '{SECRET}'\n"
    )
    text = f"password={SECRET} api_key=Aa{SECRET} from jane@corp.example.org".encode()

    def through(**options: str) -> bytes:
        message = Message({"MESSAGE": text})
        assert parser(**options).parse(message)
        redacted = message["MESSAGE"]
        assert isinstance(redacted, bytes)
        return redacted

    monkeypatch.chdir(tmp_path / "..")
    everything = b"password=[REDACTED:generic-password] api_key=[REDACTED:generic-token] from"
    assert through().startswith(everything)
    kept = f"password={SECRET} api_key=Aa{SECRET} from".encode()
    assert through(config=str(config)).startswith(kept)
    assert b"jane@" in through(config=str(config))
    assert b"jane@" not in through(config=str(config), packs="pii")
    monkeypatch.chdir(tmp_path)
    assert through().startswith(kept)


def test_text_numbers_and_lists_of_newer_versions() -> None:
    """syslog-ng 4 gives typed values: they come back as what they were."""
    message = Message({"MESSAGE": "clean", "n": 7, "list": ["a", f"password={SECRET}"], "none": None})
    assert parser().parse(message)
    assert message["MESSAGE"] == "clean"
    assert message["n"] == 7
    assert message["list"] == ["a", "password=[REDACTED:generic-password]"]


def test_bytes_that_are_no_text_come_back_as_they_were() -> None:
    """Invalid UTF-8 survives beside a secret."""
    message = Message({"MESSAGE": b"\xff password=" + SECRET.encode() + b" \xe9"})
    assert parser(style="mask").parse(message)
    assert message["MESSAGE"] == b"\xff password=******** \xe9"


def test_the_header_is_set_last() -> None:
    """syslog-ng drops the header when the program is set after it."""
    order: list[str] = []

    class Ordered(Message):
        def __setitem__(self, name: str, value: Any) -> None:
            order.append(name)
            super().__setitem__(name, value)

    assert parser().parse(Ordered({"LEGACY_MSGHDR": b"app[1]: ", "PROGRAM": b"app", "PID": b"1"}))
    assert order[-1] == "LEGACY_MSGHDR"


@pytest.mark.parametrize(
    ("policy", "passes", "text"),
    [
        ("mask", True, b"[LEAKSCAN:unscanned reason=ZeroDivisionError bytes=25]"),
        ("block", False, f"password={SECRET}".encode()),
        ("open", True, f"password={SECRET}".encode()),
    ],
)
def test_a_bug_of_ours_follows_the_policy(policy: str, passes: bool, text: bytes) -> None:  # noqa: FBT001 - a table
    """A message is masked, refused, or let through; no exception reaches syslog-ng, which would drop it."""
    made = parser(on_failure=policy)

    class Broken:
        def redact_record(self, *_: Any) -> Any:
            raise ZeroDivisionError

    made._scanner = Broken()  # type: ignore[assignment]
    message = Message({"MESSAGE": f"password={SECRET}".encode(), "HOST": b"host"})
    assert made.parse(message) is passes
    assert message["MESSAGE"] == text
    assert message["HOST"] == b"host"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stile": "label"}, "unknown option 'stile'"),
        ({"style": "loud"}, "style 'loud' is not one of label, hash, mask, partial"),
        ({"on_failure": "ignore"}, "on_failure 'ignore' is not one of mask, block, open"),
        ({"engine": "steam"}, "engine"),
        ({"min_confidence": "none"}, "min_confidence"),
        ({"rules": "/no/such/file.toml"}, "/no/such/file.toml"),
        ({"key_file": "/no/such/key"}, "/no/such/key"),
        ({"disable": "no-such-rule"}, "no-such-rule"),
        ({"packs": "pi"}, "no pack 'pi'"),
        ({"config": "/no/such/config.toml"}, "/no/such/config.toml"),
    ],
)
def test_a_wrong_option_is_one_line(
    options: dict[str, str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """syslog-ng does not start, and the reason is on its stderr."""
    assert not Redact().init(options)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("leakscan: ")
    assert words in line


def test_the_options_are_documented() -> None:
    """Each option stands in docs/syslog.md."""
    text = (Path(__file__).parents[1] / "docs" / "syslog.md").read_text()
    assert [name for name in OPTIONS if f"`{name}`" not in text] == []
