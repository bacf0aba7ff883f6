"""The configuration of the sidecar: a TOML file, checked whole before any of it is used.

Unknown keys, wrong types and what cannot work together are errors that name the key. Not here: the
options of the command (`cli.sidecar`), which say the same for one upstream.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

import tomli

from leakscan.allow import Allow
from leakscan.config import allowed, packs_of
from leakscan.errors import ConfigError
from leakscan.finding import CONFIDENCES, Confidence
from leakscan.redact import FAILURES, STYLES, Failure, Style

from .address import Address, address
from .codecs import CODECS
from .forward.settings import Forward
from .forward.settings import from_table as forward_from_table
from .limits import Limits
from .tables import known, string, strings, word

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What to do with bodies that no codec reads: refuse with 415, pass as they are, or overwrite what
#: reads like a secret in place.
Binary = Literal["refuse", "pass", "mask"]
BINARIES: Final[tuple[Binary, ...]] = ("refuse", "pass", "mask")
AUTO: Final = "auto"
DEFAULT_LISTEN: Final = Address(host="127.0.0.1", port=4318)
MAX_CONFIG: Final = 1 << 20
_MAX_WORKERS: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where requests under a path go.

    Attributes:
        path: prefix of the path.
        upstream: base URL; the request's path and query are appended to it.
        codec: one of `CODECS`, or `auto` to go by path and content type.
        on_failure: what happens with what cannot be scanned.
        binary: what happens with bodies that no codec reads.
        columns: of ClickHouse tables by name, for inserts that do not name theirs.

    """

    path: str = "/"
    upstream: str
    codec: str = AUTO
    on_failure: Failure = "mask"
    binary: Binary = "refuse"
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grpc:
    """Where OTLP comes over gRPC, and where it goes.

    Attributes:
        listen: where clients connect.
        upstream: base URL; https for TLS.
        on_failure: what happens with what cannot be scanned.

    """

    listen: Address
    upstream: str
    on_failure: Failure = "mask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the sidecar is told.

    Attributes:
        routes: of HTTP; the longest prefix wins. Without any, HTTP is not served.
        grpc: OTLP over gRPC; None for nowhere.
        forward: listeners of Fluent Forward.
        listen: where clients connect.
        admin: where metrics and health are served; None for nowhere.
        workers: processes that share the port.
        style: what stands in a secret's place.
        scanner_config: a file that `leakscan redact` takes as `--config`; None for the usual places. What is
            said here wins over it or, for the lists, adds to it.
        min_confidence: weaker findings pass; None for what that file says, else medium.
        rules: rule files besides the built-in ones.
        disable: ids of rules that are off.
        packs: names of packs that are on.
        allow: what is left in.
        engine: of the prefilter; None as above, else auto.
        key_file: key of hashes.
        tls_cert: certificate chain to listen with.
        tls_key: its key.
        tls_client_ca: clients must show a certificate of this authority.
        upstream_ca: authorities that upstream's certificate may be from; the system's if None.
        insecure_listen: listen without TLS where others can connect.
        access_log: write a line a request to stderr.
        limits: see `Limits`.

    """

    routes: tuple[Route, ...] = ()
    grpc: Grpc | None = None
    forward: tuple[Forward, ...] = ()
    listen: Address = DEFAULT_LISTEN
    admin: Address | None = None
    workers: int = 1
    style: Style = "label"
    scanner_config: str | None = None
    min_confidence: Confidence | None = None
    rules: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    allow: tuple[Allow, ...] = ()
    engine: str | None = None
    key_file: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_client_ca: str | None = None
    upstream_ca: str | None = None
    insecure_listen: bool = False
    access_log: bool = False
    limits: Limits = field(default_factory=Limits)

    def route(self, path: str) -> Route | None:
        """Return the route with the longest prefix of a path."""
        fitting = [route for route in self.routes if _is_under(path, route.path)]
        return max(fitting, key=lambda route: len(route.path), default=None)


def load(path: str) -> Config:
    """Read a configuration file.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; names the key.

    """
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_CONFIG + 1)
        if len(text) > MAX_CONFIG:
            raise ConfigError(f"{path}: larger than {MAX_CONFIG:,} bytes")
        table = tomli.loads(text.decode())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None
    except tomli.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
    try:
        return check(from_table(table, path))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def from_table(table: Mapping[str, Any], source: str = "") -> Config:
    """Return the configuration that a TOML table holds; `source` is the file it is from, for errors.

    Raises:
        ConfigError: a key is unknown, missing or of the wrong type.

    """
    known(table, [f.name for f in fields(Config) if f.name != "admin"] + ["admin_listen"], "")
    limits = table.get("limits", {})
    if not isinstance(limits, dict):
        raise ConfigError("limits: must be a table")
    known(limits, [f.name for f in fields(Limits)], "limits.")
    routes = table.get("routes", [])
    if not isinstance(routes, list) or not all(isinstance(route, dict) for route in routes):
        raise ConfigError("routes: must be tables: write [[routes]]")
    forward = table.get("forward", [])
    if not isinstance(forward, list) or not all(isinstance(one, dict) for one in forward):
        raise ConfigError("forward: must be tables: write [[forward]]")
    if not routes and not forward and "grpc" not in table:
        raise ConfigError("routes: at least one [[routes]] with an upstream is needed, [grpc] or [[forward]]")
    made: dict[str, Any] = {
        "routes": tuple(_route(route, f"routes[{number}].") for number, route in enumerate(routes, 1)),
        "forward": tuple(forward_from_table(one, f"forward[{n}].") for n, one in enumerate(forward, 1)),
        "limits": Limits(**{name: _number(limits, name) for name in limits}),
    }
    if "grpc" in table:
        made["grpc"] = _grpc(table["grpc"])
    for name in ("listen", "admin_listen"):
        if name in table:
            made["admin" if name == "admin_listen" else name] = address(string(table, name, ""), name)
    for name, words in (
        ("style", STYLES),
        ("min_confidence", CONFIDENCES),
        ("engine", ("auto", "hyperscan", "ahocorasick")),
    ):
        if name in table:
            made[name] = word(table, name, words, "")
    made["packs"] = packs_of(table)
    made["allow"] = allowed(table, source)
    for name in ("scanner_config", "key_file", "tls_cert", "tls_key", "tls_client_ca", "upstream_ca"):
        if name in table:
            made[name] = string(table, name, "")
    for name in ("rules", "disable"):
        if name in table:
            made[name] = strings(table, name, "")
    for name in ("insecure_listen", "access_log"):
        if name in table:
            if not isinstance(table[name], bool):
                raise ConfigError(f"{name}: must be true or false")
            made[name] = table[name]
    if "workers" in table:
        made["workers"] = table["workers"]
    return Config(**made)


def check(config: Config) -> Config:
    """Return the configuration if its parts can work together.

    Raises:
        ConfigError: they cannot.

    """
    if type(config.workers) is not int or not 1 <= config.workers <= _MAX_WORKERS:
        raise ConfigError(f"workers: must be a number from 1 to {_MAX_WORKERS}")
    if (config.tls_cert is None) != (config.tls_key is None):
        raise ConfigError("tls_cert and tls_key: one needs the other")
    if config.tls_client_ca is not None and config.tls_cert is None:
        raise ConfigError("tls_client_ca: needs tls_cert and tls_key")
    if config.admin is not None and not config.admin.is_loopback and not config.insecure_listen:
        raise ConfigError(
            f"admin_listen: {config.admin} can be reached from other machines without TLS; "
            "say insecure_listen"
        )
    listening = {"listen": config.listen} | ({"grpc.listen": config.grpc.listen} if config.grpc else {})
    for number, forward in enumerate(config.forward, 1):
        if forward.listen.address is not None:
            listening[f"forward[{number}].listen"] = forward.listen.address
    if len({str(forward.listen) for forward in config.forward}) < len(config.forward):
        raise ConfigError("forward: two listen on the same place")
    for name, where in listening.items():
        if not where.is_loopback and config.tls_cert is None and not config.insecure_listen:
            raise ConfigError(
                f"{name}: {where} can be reached from other machines without TLS; "
                "give tls_cert and tls_key, or say insecure_listen"
            )
    seen: set[str] = set()
    for route in config.routes:
        if route.path in seen:
            raise ConfigError(f"routes: two have the path {route.path}")
        seen.add(route.path)
    for name in (f.name for f in fields(Limits)):
        if getattr(config.limits, name) < 0:
            raise ConfigError(f"limits.{name}: must not be negative")
    if config.limits.max_memory < config.limits.max_decompressed:
        raise ConfigError("limits.max_memory: must hold one body of limits.max_decompressed")
    return config


def upstream(url: str, name: str) -> str:
    """Return the base URL of an upstream without a slash at its end.

    Raises:
        ConfigError: it is none.

    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{name}: must be a URL with http or https and a host")
    if parts.username or parts.password:
        raise ConfigError(f"{name}: must hold no user or password; clients send their own")
    if parts.query or parts.fragment:
        raise ConfigError(f"{name}: must hold no query")
    return url.rstrip("/")


def _route(table: Mapping[str, Any], where: str) -> Route:
    known(table, [f.name for f in fields(Route)], where)
    if "upstream" not in table:
        raise ConfigError(f"{where}upstream: is missing")
    made: dict[str, Any] = {"upstream": upstream(string(table, "upstream", where), f"{where}upstream")}
    if "path" in table:
        made["path"] = string(table, "path", where)
        if not made["path"].startswith("/"):
            raise ConfigError(f"{where}path: must begin with /")
    for name, words in (("codec", (AUTO, *CODECS)), ("on_failure", FAILURES), ("binary", BINARIES)):
        if name in table:
            made[name] = word(table, name, words, where)
    columns = table.get("columns", {})
    if not isinstance(columns, dict):
        raise ConfigError(f"{where}columns: must be a table of lists of names")
    made["columns"] = {name: strings(columns, name, f"{where}columns.") for name in columns}
    return Route(**made)


def _grpc(table: Any) -> Grpc:
    if not isinstance(table, dict):
        raise ConfigError("grpc: must be a table")
    known(table, [f.name for f in fields(Grpc)], "grpc.")
    for name in ("listen", "upstream"):
        if name not in table:
            raise ConfigError(f"grpc.{name}: is missing")
    url = upstream(string(table, "upstream", "grpc."), "grpc.upstream")
    if urlsplit(url).path:
        raise ConfigError("grpc.upstream: must hold no path")
    made: dict[str, Any] = {
        "listen": address(string(table, "listen", "grpc."), "grpc.listen"),
        "upstream": url,
    }
    if "on_failure" in table:
        made["on_failure"] = word(table, "on_failure", FAILURES, "grpc.")
    return Grpc(**made)


def _number(table: Mapping[str, Any], name: str) -> Any:
    value = table[name]
    if type(value) not in {int, float} or (type(getattr(Limits(), name)) is int and type(value) is not int):
        raise ConfigError(f"limits.{name}: must be a number")
    return value


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/")
