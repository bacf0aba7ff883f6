"""Configuration files: defaults for options and the allowlist, checked before anything is scanned.

The first of these that is there counts, alone: the file that was named, that of `LEAKSCAN_CONFIG`,
`./.leakscan.toml`, the table `[tool.leakscan]` of `./pyproject.toml`.

Not here: what an entry of the allowlist does (`allow`), how options and defaults meet (`cli`), the sidecar's
own file (`sidecar.config`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import tomli

from .allow import Allow
from .errors import ConfigError
from .finding import CONFIDENCES, Confidence
from .prefilter import ENGINES
from .rules import PACKS

#: A larger file is no configuration.
MAX_CONFIG: Final = 1 << 20
OWN_FILE: Final = ".leakscan.toml"
PROJECT_FILE: Final = "pyproject.toml"

_KEYS: Final = ("min_confidence", "rules", "disable", "engine", "jobs", "packs", "allow")
#: The conditions of an entry with one and with several of them, and the attribute of `Allow`.
_CONDITIONS: Final = {
    "fingerprint": "fingerprints",
    "rule": "rules",
    "value": "values",
    "regex": "regexes",
    "key": "keys",
    "path": "paths",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a configuration file says; None and empty for what it does not.

    Attributes:
        source: the file, None when there is none.
        min_confidence: default of the option, as are those that follow.
        engine: of the prefilter.
        jobs: processes of `leakscan scan`.
        rules: rule files; relative to the configuration file's directory in it, made absolute here.
        disable: ids.
        packs: names.
        allow: the allowlist.

    """

    source: str | None = None
    min_confidence: Confidence | None = None
    engine: str | None = None
    jobs: int | None = None
    rules: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    allow: tuple[Allow, ...] = ()


def find_config(named: str | None, environment: Mapping[str, str]) -> Config:
    """Read the configuration that counts here; an empty one if there is none.

    Raises:
        ConfigError: a file that was named cannot be read, or something in a file is wrong.

    """
    named = named or environment.get("LEAKSCAN_CONFIG") or None
    if named is not None:
        return read_config(named)
    for name in (OWN_FILE, PROJECT_FILE):
        if Path(name).is_file():
            text = _text(name)
            # most projects do not mention us: then their file is none of our business, nor its faults
            if name == OWN_FILE or b"leakscan" in text:
                table = _table(name, text)
                if table is not None:
                    return _checked(name, table)
    return Config()


def read_config(path: str) -> Config:
    """Read one configuration file; a `pyproject.toml` has it in `[tool.leakscan]`.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; names file, key and reason.

    """
    table = _table(path, _text(path))
    if table is None:
        raise ConfigError(f"{path}: has no [tool.leakscan]")
    return _checked(path, table)


def _text(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_CONFIG + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except ValueError:
        raise ConfigError(f"{path!r}: is no file name") from None
    if len(text) > MAX_CONFIG:
        raise ConfigError(f"{path}: larger than {MAX_CONFIG:,} bytes")
    return text


def _table(path: str, text: bytes) -> dict[str, Any] | None:
    try:
        document = tomli.loads(text.decode())
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except tomli.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
    if Path(path).name != PROJECT_FILE:
        return document
    tools = document.get("tool")
    table = tools.get("leakscan") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.leakscan: must be a table")
    return table


def _checked(path: str, table: Mapping[str, Any]) -> Config:
    try:
        return _config(path, table)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _config(path: str, table: Mapping[str, Any]) -> Config:
    _refuse_unknown(table, _KEYS, "")
    jobs = table.get("jobs")
    if jobs is not None and (type(jobs) is not int or jobs < 0):
        raise ConfigError("jobs: must be a number from 0 on")
    folder = Path(path).parent
    return Config(
        source=path,
        min_confidence=cast("Confidence | None", _word(table, "min_confidence", CONFIDENCES)),
        engine=_word(table, "engine", ENGINES),
        jobs=jobs,
        rules=tuple(str(folder / name) for name in _strings(table, "rules", "")),
        disable=_strings(table, "disable", ""),
        packs=packs_of(table),
        allow=allowed(table, path),
    )


def packs_of(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the packs that a table names under `packs`.

    Raises:
        ConfigError: one does not exist.

    """
    packs = _strings(table, "packs", "")
    for name in packs:
        if name not in PACKS:
            raise ConfigError(f"packs: no pack {name!r}: one of {', '.join(PACKS)}")
    return packs


def allowed(table: Mapping[str, Any], path: str) -> tuple[Allow, ...]:
    """Return the allowlist that a table of the file at `path` has under `allow`.

    Raises:
        ConfigError: an entry is wrong; names its number, key and reason.

    """
    entries = table.get("allow", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError("allow: must be tables: write [[allow]]")
    return tuple(_allow(entry, path, f"allow[{number}].") for number, entry in enumerate(entries, 1))


def _allow(entry: Mapping[str, Any], path: str, where: str) -> Allow:
    _refuse_unknown(entry, ("reason", *_CONDITIONS, *_CONDITIONS.values()), where)
    if not isinstance(entry.get("reason"), str):
        raise ConfigError(f"{where}reason: is missing: say why this is allowed")
    conditions: dict[str, Any] = {}
    for one, several in _CONDITIONS.items():
        if one in entry and several in entry:
            raise ConfigError(f"{where}{one}: give {one} or {several}, not both")
        if one in entry:
            if not isinstance(entry[one], str):
                raise ConfigError(f"{where}{one}: must be a string; {several} takes a list")
            conditions[several] = (entry[one],)
        elif several in entry:
            conditions[several] = _strings(entry, several, where)
            if not conditions[several]:
                raise ConfigError(f"{where}{several}: must not be empty")
    if "values" in conditions:
        conditions["values"] = tuple(value.encode() for value in conditions["values"])
    try:
        return Allow(reason=entry["reason"], source=path, **conditions)
    except ValueError as error:
        raise ConfigError(
            f"{where}{error}" if ":" in str(error).split(" ")[0] else f"{where[:-1]}: {error}"
        ) from None


def _refuse_unknown(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in table:
        if key not in known:
            import difflib  # noqa: PLC0415 - only for the error

            near = difflib.get_close_matches(key, known, n=1)
            advice = f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
            raise ConfigError(f"{where}{key}: unknown key; {advice}")


def _strings(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ConfigError(f"{where}{name}: must be a list of non-empty strings")
    return tuple(value)


def _word(table: Mapping[str, Any], name: str, words: Sequence[str]) -> str | None:
    value = table.get(name)
    if value is not None and value not in words:
        raise ConfigError(f"{name}: must be one of {', '.join(words)}")
    return value
