"""Clients from npm through the sidecar: Loki's in both formats, and OpenTelemetry's in JSON."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cramjam
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from leakscan.sidecar.codecs import wire
from sidecar_parts import SECRET, Store, process, shows

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "node"
COUNT = 200

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed"),
    pytest.mark.skipif(
        not (HERE / "node_modules").exists(), reason="tests/e2e/setup_node.sh has not been run"
    ),
]


@pytest.fixture
def store() -> Iterator[Store]:
    """Give an upstream."""
    one = Store()
    yield one
    one.server.shutdown()
    one.server.server_close()


def run(script: str, *arguments: str) -> None:
    """Run a client to its end."""
    subprocess.run(["node", HERE / script, *arguments], check=True, timeout=60)


def lines_in_json(body: bytes) -> list[str]:
    """Return the lines of a push."""
    return [value[1] for stream in json.loads(body)["streams"] for value in stream["values"]]


def lines_in_protobuf(body: bytes) -> list[str]:
    """As above, for snappy and protobuf: streams are field 1, entries field 2, their line field 2."""
    data = bytes(cramjam.snappy.decompress_raw(body))
    return [
        data[line.body : line.end].decode()
        for stream in wire.fields(data, 0, len(data))
        for entry in wire.fields(data, stream.body, stream.end)
        if entry.number == 2
        for line in wire.fields(data, entry.body, entry.end)
        if line.number == 2
    ]


@pytest.mark.parametrize("client", ["winston", "winston-json", "pino"])
def test_a_loki_client(store: Store, client: str) -> None:
    """Every line arrives, in order; from the dirty ones only the secret is gone."""
    store.success = 204
    with process("--upstream", store.url) as sidecar:
        run("loki.mjs", client, sidecar.url, SECRET, str(COUNT))
        assert sidecar.stop() == 0
    read = lines_in_protobuf if client == "winston" else lines_in_json
    lines = [line for body in store.bodies for line in read(body)]
    assert len(lines) == COUNT
    assert not any(shows(line.encode()) for line in lines)
    assert not any(shows(body) for body in store.bodies)
    for number, line in enumerate(lines):
        if number % 10:
            assert f"order {number} is on its way" in line
            assert "[REDACTED" not in line
        else:
            assert f"order {number} login password=[REDACTED:generic-password]" in line
            assert '"api_key":"[REDACTED:generic-token]"' in line


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_the_opentelemetry_sdk_for_node_over_http_json(store: Store, compression: str) -> None:
    """Body, attributes, nested ones and resource are redacted; all records arrive as JSON."""
    with process("--upstream", store.url) as sidecar:
        run("otlp.mjs", sidecar.url, SECRET, str(COUNT), compression)
        assert sidecar.stop() == 0
    bodies = [gzip.decompress(body) if compression == "gzip" else body for body in store.bodies]
    assert not any(shows(body) for body in bodies)
    found: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
    for body in bodies:
        for logs in json.loads(body)["resourceLogs"]:
            assert attributes(logs["resource"]) == {
                "service.name": {"stringValue": "shop"},
                "db.password": {"stringValue": "[REDACTED:generic-password]"},
            }
            for scope in logs["scopeLogs"]:
                for record in scope["logRecords"]:
                    its = attributes(record)
                    found[int(its["order"]["intValue"])] = record["body"], its
    assert sorted(found) == list(range(COUNT))
    for number, (text, its) in found.items():
        if number % 10:
            assert text == {"stringValue": f"order {number} is on its way"}
            assert its["http.route"] == {"stringValue": "/orders"}
        else:
            assert text == {"stringValue": "login password=[REDACTED:generic-password]"}
            assert its["api_key"] == {"stringValue": "[REDACTED:generic-token]"}
            nested = its["headers"]["kvlistValue"]["values"][0]
            assert nested["value"]["stringValue"].startswith(("[REDACTED:", "Bearer [REDACTED:"))


def attributes(part: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a resource or record by name."""
    return {pair["key"]: pair["value"] for pair in part["attributes"]}
