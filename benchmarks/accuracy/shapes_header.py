"""Shapes for HTTP headers: how servers, proxies, clients and tracers print them."""

# ruff: noqa: E501 - lines of logs and rows of tables stay whole

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.shapes import Shape
from benchmarks.accuracy.text import double_quoted, json_inner, json_object, python_repr

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene


def _plain(_: Scene, name: str, value: str) -> str:
    return f"{name}: {value}"


def _upper(_: Scene, name: str, value: str) -> str:
    return f"{name.upper()}: {value}"


def _sent_lower(_: Scene, name: str, value: str) -> str:
    return f"> {name.lower()}: {value}"


def _sent(_: Scene, name: str, value: str) -> str:
    return f"> {name}: {value}"


def _received(_: Scene, name: str, value: str) -> str:
    return f"< {name}: {value}"


def _http2(s: Scene, name: str, value: str) -> str:
    return f"* [HTTP/2] [{s.number(1, 9)}] [{name.lower()}: {value}]"


def _go_map(s: Scene, name: str, value: str) -> str:
    return (
        f"request headers=map[Accept:[*/*] {name}:[{value}] User-Agent:[Go-http-client/2.0]] host={s.host()}"
    )


def _go_syntax(s: Scene, name: str, value: str) -> str:
    return f'http.Header{{"Accept":[]string{{"*/*"}}, "{name}":[]string{{{double_quoted(value)}}}}} -> {s.host()}'


def _python_dict(s: Scene, name: str, value: str) -> str:
    return f"Request headers: {{'User-Agent': 'python-requests/2.31.0', '{name}': {python_repr(value)}, 'Accept': '*/*'}} {s.path()}"


def _python_tuples(s: Scene, name: str, value: str) -> str:
    return f"headers=[('host', '{s.host()}'), ('{name.lower()}', {python_repr(value)})]"


def _python_bytes(s: Scene, name: str, value: str) -> str:
    return f"[(b'host', b'{s.host()}'), (b'{name.lower()}', b{python_repr(value)})]"


def _http_client_send(s: Scene, name: str, value: str) -> str:
    return f"send: b'GET {s.path()} HTTP/1.1\\r\\nHost: {s.host()}\\r\\n{name}: {value}\\r\\nAccept: */*\\r\\n\\r\\n'"


def _rack(s: Scene, name: str, value: str) -> str:
    return f'{{"REQUEST_METHOD"=>"GET", "HTTP_{name.upper().replace("-", "_")}"=>{double_quoted(value)}, "REMOTE_ADDR"=>"{s.ip()}"}}'


def _java_map(s: Scene, name: str, value: str) -> str:
    return f"HttpHeaders {{host=[{s.host()}], {name}=[{value}], accept=[*/*]}}"


def _spring(s: Scene, name: str, value: str) -> str:
    return f'[host:"{s.host()}", {name.lower()}:{double_quoted(value)}, content-length:"{s.number(1, 999)}"]'


def _json_headers(s: Scene, name: str, value: str) -> str:
    return json_object(
        {"method": "GET", "headers": {"host": s.host(), name.lower(): value}, "status": 200}, spaced=False
    )


def _json_list_headers(s: Scene, name: str, value: str) -> str:
    return json_object(
        {"request": {"headers": {"Accept": ["*/*"], name: [value]}, "uri": s.path()}}, spaced=False
    )


def _json_escaped(s: Scene, name: str, value: str) -> str:
    inner = json_object({"headers": {name: value, "accept": "*/*"}}, spaced=False)
    return f'{{"msg":"axios config {json_inner(inner)}","level":"{s.pick("error", "debug")}"}}'


def _pairs(s: Scene, name: str, value: str) -> str:
    return json_object(
        {"headers": [["host", s.host()], [name.lower(), value]], "ts": s.number(1, 9**9)}, spaced=False
    )


def _flat_list(s: Scene, name: str, value: str) -> str:
    return json_object({"rawHeaders": ["Host", s.host(), name, value, "Accept", "*/*"]}, spaced=False)


def _har(s: Scene, name: str, value: str) -> str:
    return json_object(
        {"headers": [{"name": "Host", "value": s.host()}, {"name": name, "value": value}]},
        spaced=s.number(0, 1) == 1,
    )


def _otlp(s: Scene, name: str, value: str) -> str:
    attribute = {"key": f"http.request.header.{name.lower()}", "value": {"stringValue": value}}
    return json_object(
        {
            "spanId": s.hex(16),
            "attributes": [{"key": "http.method", "value": {"stringValue": "GET"}}, attribute],
        },
        spaced=False,
    )


def _otlp_array(s: Scene, name: str, value: str) -> str:
    attribute = {
        "key": f"http.request.header.{name.lower()}",
        "value": {"arrayValue": {"values": [{"stringValue": value}]}},
    }
    return json_object({"spanId": s.hex(16), "attributes": [attribute]}, spaced=False)


def _curl(s: Scene, name: str, value: str) -> str:
    return f'$ curl -X POST -H "{name}: {value}" https://{s.host()}{s.path()}'


def _curl_single(s: Scene, name: str, value: str) -> str:
    return f"+ curl --header '{name}: {value}' --url https://{s.host()}{s.path()}"


def _nginx_field(s: Scene, name: str, value: str) -> str:
    return f'{s.ip()} - {s.user()} "GET {s.path()} HTTP/2.0" 200 {name.lower().replace("-", "_")}="{value}" rt=0.0{s.number(10, 99)}'


def _haproxy(s: Scene, name: str, value: str) -> str:
    return f"debug: http-in.clihdr[{s.hex(4)}:{s.hex(4)}]: {name.lower()}: {value}"


def _envoy(s: Scene, name: str, value: str) -> str:
    return f"[C{s.number(1, 999)}][S{s.number(10**9, 10**12)}] request headers complete: ':authority', '{s.host()}' '{name.lower()}', '{value}'"


def _wsgi(s: Scene, name: str, value: str) -> str:
    return f"environ={{'REQUEST_METHOD': 'GET', 'HTTP_{name.upper().replace('-', '_')}': {python_repr(value)}, 'REMOTE_ADDR': '{s.ip()}'}}"


def _equals(s: Scene, name: str, value: str) -> str:
    return f'proxying {s.path()} {name.lower()}="{value}" upstream={s.host()}'


SHAPES = (
    Shape("header", "header", _plain),
    Shape("header in upper case", "header", _upper),
    Shape("sent header in lower case", "header", _sent_lower, prefixed=False),
    Shape("curl -v sent header", "header", _sent, prefixed=False),
    Shape("curl -v received header", "header", _received, prefixed=False),
    Shape("curl -v http/2", "header", _http2, prefixed=False),
    Shape("go header map", "header", _go_map),
    Shape("go header syntax", "header", _go_syntax),
    Shape("requests header dict", "header", _python_dict),
    Shape("header tuples", "header", _python_tuples),
    Shape("asgi header bytes", "header", _python_bytes),
    Shape("http.client debug", "header", _http_client_send, prefixed=False),
    Shape("rack environment", "header", _rack),
    Shape("java header map", "header", _java_map),
    Shape("spring header list", "header", _spring),
    Shape("json headers", "header", _json_headers, prefixed=False),
    Shape("json headers with lists", "header", _json_list_headers, prefixed=False),
    Shape("escaped json headers", "header", _json_escaped, prefixed=False),
    Shape("header pairs", "header", _pairs, prefixed=False),
    Shape("raw headers list", "header", _flat_list, prefixed=False),
    Shape("har headers", "header", _har, prefixed=False),
    Shape("otlp header attribute", "header", _otlp, prefixed=False),
    Shape("otlp header array", "header", _otlp_array, prefixed=False),
    Shape("curl -H double quotes", "header", _curl, prefixed=False),
    Shape("curl --header", "header", _curl_single, prefixed=False),
    Shape("proxy log field", "header", _nginx_field, prefixed=False),
    Shape("haproxy debug", "header", _haproxy, prefixed=False),
    Shape("envoy debug", "header", _envoy),
    Shape("wsgi environment", "header", _wsgi),
    Shape("header with equals", "header", _equals),
)
