"""`leakscan sidecar`: its options, and how the service is started.

Not here: what the service does (`leakscan.sidecar`).
"""

from __future__ import annotations

import os
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from leakscan.errors import ConfigError
from leakscan.finding import CONFIDENCES
from leakscan.redact import FAILURES, STYLES
from leakscan.terminal import say

from . import CLEAN
from .options import disable_option, pack_option, rules_option

if TYPE_CHECKING:
    from leakscan.sidecar.config import Config

#: Options that say what a configuration file says.
_OF_THE_FILE = (
    "listen", "upstream", "admin_listen", "workers", "on_failure", "binary", "codec", "style",
    "scanner_config", "min_confidence", "rules", "disable", "packs", "key_file", "tls_cert", "tls_key",
    "upstream_ca", "insecure_listen", "access_log", "grpc_listen", "grpc_upstream",
    "forward_listen", "forward_upstream", "forward_shared_key_file", "forward_upstream_shared_key_file",
    "forward_require_ack",
)  # fmt: skip
#: Where the keys of the relay are looked for when no file is named.
_FORWARD_KEYS = {
    "shared_key": "LEAKSCAN_FORWARD_SHARED_KEY",
    "upstream_shared_key": "LEAKSCAN_FORWARD_UPSTREAM_SHARED_KEY",
}


# fmt: off
@click.command(
    "sidecar", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option("--listen", metavar="HOST:PORT", help="Where log shippers connect. Default: 127.0.0.1:4318.")
@click.option("--upstream", metavar="URL", help="The log store, or the next hop; the path is appended.")
@click.option("--grpc-listen", metavar="HOST:PORT", help="Where OTLP comes over gRPC; needs --grpc-upstream.")
@click.option("--grpc-upstream", metavar="URL", help="Where OTLP goes over gRPC; https for TLS.")
@click.option(
    "--forward-listen", metavar="HOST:PORT|unix:/PATH",
    help="Where Fluent Forward comes; needs --forward-upstream.",
)
@click.option(
    "--forward-upstream", metavar="HOST:PORT|tls://HOST:PORT|unix:/PATH", help="Where Forward goes."
)
@click.option(
    "--forward-require-ack", is_flag=True, default=None,
    help="Ask upstream for an ack also where the client asks for none, and send again until it comes.",
)
@click.option(
    "--forward-shared-key-file", type=click.Path(), metavar="FILE",
    help="Forward clients must know this key. Or LEAKSCAN_FORWARD_SHARED_KEY.",
)
@click.option(
    "--forward-upstream-shared-key-file", type=click.Path(), metavar="FILE",
    help="Upstream asks for this key. Or LEAKSCAN_FORWARD_UPSTREAM_SHARED_KEY.",
)
@click.option("--admin-listen", metavar="HOST:PORT", help="Metrics, health, readiness and a status page.")
@click.option(
    "--config", "config_file", type=click.Path(), metavar="FILE",
    help="A TOML file in place of the other options; several routes, and limits.",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that share the port. Default: 1.")
@click.option(
    "--on-failure", type=click.Choice(FAILURES),
    help="What cannot be scanned is masked (default), or refused with 503, or passed as it is.",
)
@click.option(
    "--codec", metavar="NAME",
    help="Read bodies as this, whatever path and content type say. Default: auto.",
)
@click.option(
    "--binary", type=click.Choice(["refuse", "pass", "mask"]),
    help="Bodies that no codec reads are refused with 415 (default), passed, or masked in place.",
)
@click.option(
    "--style", type=click.Choice(STYLES),
    help="What stands in a secret's place: as in `leakscan redact`. Default: label.",
)
@click.option("--min-confidence", type=click.Choice(CONFIDENCES), help="Default: medium.")
@rules_option
@disable_option
@pack_option
@click.option(
    "--scanner-config", type=click.Path(), metavar="FILE",
    help="What `leakscan redact` takes as --config: defaults and allowlist. Else as there: LEAKSCAN_CONFIG, "
    "./.leakscan.toml, [tool.leakscan] of ./pyproject.toml.",
)
@click.option("--key-file", type=click.Path(), metavar="FILE", help="The key of the hashes.")
@click.option("--tls-cert", type=click.Path(), metavar="FILE", help="Certificate to listen with.")
@click.option("--tls-key", type=click.Path(), metavar="FILE", help="Its key.")
@click.option("--upstream-ca", type=click.Path(), metavar="FILE", help="Trust upstream by this authority.")
@click.option(
    "--insecure-listen", is_flag=True, default=None,
    help="Listen without TLS where other machines can connect.",
)
@click.option("--access-log", is_flag=True, default=None, help="A line a request on stderr.")
@click.option("--check", is_flag=True, help="Check the configuration and exit.")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> int:
    """Take credentials out of log traffic: a proxy between log shippers and the log store.

    It reads OTLP, Loki, Elasticsearch _bulk, Splunk HEC, ClickHouse inserts, NDJSON, JSON and text,
    compressed or not, OTLP over gRPC, and Fluent Forward. A request is answered with what the store
    answered; nothing is kept.

    \b
    leakscan sidecar --listen 127.0.0.1:4318 --upstream http://collector:4318
    leakscan sidecar --forward-listen 127.0.0.1:24224 --forward-upstream aggregator:24224
    leakscan sidecar --config sidecar.toml

    SIGHUP reads the configuration and the rules again; SIGTERM finishes what is under way and ends.
    """  # noqa: D301 - \b is click's mark for a paragraph to keep as it is
    try:
        import aiohttp  # noqa: F401, PLC0415 - to say what is missing
        import cramjam  # noqa: F401, PLC0415 - as above
        import prometheus_client  # noqa: F401, PLC0415 - as above
    except ImportError as error:
        raise ConfigError(f"{error.name} is not installed: pip install 'leakscan-logs[sidecar]'") from None
    path = options.pop("config_file")
    is_check = options.pop("check")
    given = {name: options[name] for name in _OF_THE_FILE if options[name] not in (None, ())}
    if path is not None and given:
        name = "--" + next(iter(given)).replace("_", "-")
        raise click.UsageError(f"{name} belongs into the file that --config names", context)
    if ("grpc_listen" in given) != ("grpc_upstream" in given):
        raise click.UsageError("--grpc-listen and --grpc-upstream: one needs the other", context)
    if ("forward_listen" in given) != ("forward_upstream" in given):
        raise click.UsageError("--forward-listen and --forward-upstream: one needs the other", context)
    of_forward = [name for name in given if name.startswith("forward_")]
    if of_forward and "forward_listen" not in given:
        name = "--" + of_forward[0].replace("_", "-")
        raise click.UsageError(f"{name}: needs --forward-listen and --forward-upstream", context)
    if path is None and not given.keys() & {"upstream", "grpc_upstream", "forward_upstream"}:
        raise click.UsageError("where to send to is missing: give --upstream URL, or --config FILE", context)
    alone = [name for name in ("listen", "codec", "binary") if name in given]
    if path is None and "upstream" not in given and alone:
        raise click.UsageError(f"--{alone[0]} is for HTTP, which needs --upstream URL", context)
    from leakscan.sidecar.config import load  # noqa: PLC0415 - needs the extra

    read = partial(load, path) if path is not None else partial(_of_options, given)
    return serve(read, is_check=is_check)


# fmt: on
def serve(read: partial[Config], *, is_check: bool) -> int:
    """Serve until told to stop; return the exit code.

    Raises:
        LeakscanError: the configuration is unusable.

    """
    from leakscan.sidecar.engine import state_of  # noqa: PLC0415 - needs the extra
    from leakscan.sidecar.forward.credentials import credentials  # noqa: PLC0415 - as above
    from leakscan.sidecar.process import harden, run  # noqa: PLC0415 - as above
    from leakscan.sidecar.service import serve_alone  # noqa: PLC0415 - as above
    from leakscan.sidecar.tls import server_tls  # noqa: PLC0415 - as above

    config = read()
    if config.grpc is not None and find_spec("grpc") is None:
        raise ConfigError("grpc is not installed: pip install 'leakscan-logs[grpc]'")
    if config.forward and find_spec("msgpack") is None:
        raise ConfigError("msgpack is not installed: pip install 'leakscan-logs[sidecar]'")
    server_tls(config)
    credentials(config)
    state = state_of(config)
    if is_check:
        say("the configuration is good")
        return CLEAN
    harden()
    places = (*config.routes, *config.forward, config.grpc)
    if any(place.on_failure == "open" for place in places if place is not None):
        say("on_failure is open: what cannot be scanned passes with its secrets")
    if any(route.binary == "pass" for route in config.routes):
        say("binary is pass: bodies that no codec reads pass with their secrets")
    if config.workers == 1:
        run(partial(serve_alone, state, read))
        return CLEAN
    from leakscan.sidecar.workers import Workers  # noqa: PLC0415 - seldom

    code: int = run(Workers(state, read).serve)
    return code


def _of_options(given: dict[str, Any]) -> Config:
    """Return the configuration that options say."""
    from leakscan.sidecar.config import check, from_table  # noqa: PLC0415 - needs the extra

    table = dict(given)
    route = {name: table.pop(name) for name in ("upstream", "codec", "on_failure", "binary") if name in table}
    for name in ("rules", "disable", "packs"):
        if name in table:
            table[name] = list(table[name])
    if "upstream" in route:
        table["routes"] = [route]
    grpc = {name: table.pop(f"grpc_{name}") for name in ("listen", "upstream") if f"grpc_{name}" in table}
    if grpc:
        policy = {"on_failure": route["on_failure"]} if "on_failure" in route else {}
        table["grpc"] = grpc | policy
    forward = {
        name.removeprefix("forward_"): table.pop(name) for name in list(table) if name.startswith("forward_")
    }
    if forward:
        for name, variable in _FORWARD_KEYS.items():
            if f"{name}_file" not in forward and os.environ.get(variable):
                forward[f"{name}_env"] = variable
        policy = {"on_failure": route["on_failure"]} if "on_failure" in route else {}
        table["forward"] = [forward | policy]
    return check(from_table(table))
