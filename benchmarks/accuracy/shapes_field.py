"""Shapes for a key and its value: what loggers print, request logs, and dumps of data in many languages."""

# ruff: noqa: E501 - lines of logs and rows of tables stay whole; SQL in made-up log lines runs nowhere

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.shapes import Shape, any_case, cased
from benchmarks.accuracy.text import (
    bare,
    double_quoted,
    json_object,
    logfmt_value,
    percent,
    python_repr,
)

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene

    Words = tuple[str, ...]


def _logfmt(s: Scene, k: Words, v: str) -> str:
    return f'level=info msg="{s.word()} {s.pick("created", "loaded")}" {any_case(s, k, "snake", "camel", "snake")}={logfmt_value(v)} user={s.user()}'


def _json(s: Scene, k: Words, v: str) -> str:
    fields = {
        "level": "info",
        "user": s.user(),
        any_case(s, k, "snake", "camel", "kebab"): v,
        "id": s.number(1, 9999),
    }
    return json_object(fields, spaced=s.number(0, 1) == 1)


def _json_nested(s: Scene, k: Words, v: str) -> str:
    return json_object(
        {"event": "config", "db": {"host": s.host(), any_case(s, k, "snake", "camel"): v}, "ok": True},
        spaced=False,
    )


def _json_escaped(s: Scene, k: Words, v: str) -> str:
    inner = json_object(
        {"user": s.user(), any_case(s, k, "snake", "camel"): v, "remember": True}, spaced=s.number(0, 1) == 1
    )
    return json_object({"method": "POST", "path": "/login", "body": inner}, spaced=False)


def _json_escaped_twice(s: Scene, k: Words, v: str) -> str:
    inner = json_object({any_case(s, k, "snake", "camel"): v, "user": s.user()}, spaced=False)
    return json_object(
        {"log": json_object({"body": inner}, spaced=False) + "\n", "stream": "stdout"}, spaced=False
    )


def _query(s: Scene, k: Words, v: str) -> str:
    return f'{s.ip()} - - [{s.when().strftime("%d/%b/%Y:%H:%M:%S +0000")}] "POST /login?user={s.user()}&{any_case(s, k, "snake", "camel")}={percent(v)} HTTP/1.1" 302 {s.number(10, 999)} "-" "curl/8.4.0"'


def _query_end(s: Scene, k: Words, v: str) -> str:
    return f"GET https://{s.host()}{s.path()}?lang=en&{any_case(s, k, 'snake', 'camel')}={percent(v)} returned 200"


def _form_encoded(s: Scene, k: Words, v: str) -> str:
    return f"request body username%3D{s.user()}%26{cased(k, 'snake')}%3D{percent(v)}%26remember%3D1"


def _python_kwarg(s: Scene, k: Words, v: str) -> str:
    return f"connect(host='{s.host()}', user='{s.user()}', {cased(k, 'snake')}={python_repr(v)}, timeout={s.number(1, 60)})"


def _python_dict(s: Scene, k: Words, v: str) -> str:
    return f"settings: {{'host': '{s.host()}', '{any_case(s, k, 'snake', 'upper')}': {python_repr(v)}, 'debug': False}}"


def _ruby(s: Scene, k: Words, v: str) -> str:
    return f'  Parameters: {{"utf8"=>"✓", "user"=>{{"email"=>"{s.email()}", "{cased(k, "snake")}"=>{double_quoted(v)}}}, "commit"=>"Log in"}}'


def _ruby_symbol(s: Scene, k: Words, v: str) -> str:
    return f'opts={{:host=>"{s.host()}", :{cased(k, "snake")}=>{double_quoted(v)}, :port=>{s.number(1000, 9999)}}}'


def _php_dump(s: Scene, k: Words, v: str) -> str:
    return f'array(2) {{ ["user"]=> string({s.number(3, 9)}) "{s.user()}" ["{cased(k, "snake")}"]=> string({len(bare(v).encode())}) "{v}" }}'


def _php_print_r(s: Scene, k: Words, v: str) -> str:
    return f"Array ( [host] => {s.host()} [{any_case(s, k, 'snake', 'camel')}] => {v} [port] => {s.number(1000, 9999)} )"


def _php_serialized(s: Scene, k: Words, v: str) -> str:
    key, user = cased(k, "snake"), s.user()
    return f's:{s.number(1, 9)}:"x";a:2:{{s:4:"user";s:{len(user)}:"{user}";s:{len(key)}:"{key}";s:{len(bare(v).encode())}:"{v}";}}'


def _java_to_string(s: Scene, k: Words, v: str) -> str:
    return f"LoginRequest(username={s.user()}, {cased(k, 'camel')}={v}, rememberMe=true)"


def _java_record(s: Scene, k: Words, v: str) -> str:
    return f"Credentials[{cased(k, 'camel')}={v}, host={s.host()}]"


def _java_quoted(s: Scene, k: Words, v: str) -> str:
    return f"DataSource{{url='jdbc:h2:mem', username='{s.user()}', {cased(k, 'camel')}='{v}'}}"


def _go_struct(s: Scene, k: Words, v: str) -> str:
    return f"config: {{Host:{s.host()} User:{s.user()} {cased(k, 'pascal')}:{v} Port:{s.number(1000, 9999)}}}"


def _go_syntax(s: Scene, k: Words, v: str) -> str:
    return f'main.Config{{Host:"{s.host()}", {cased(k, "pascal")}:{double_quoted(v)}, Port:{s.number(1000, 9999)}}}'


def _go_query_map(s: Scene, k: Words, v: str) -> str:
    return f"form=map[{cased(k, 'snake')}:[{v}] user:[{s.user()}]]"


def _rust_debug(s: Scene, k: Words, v: str) -> str:
    return f'Config {{ host: "{s.host()}", {cased(k, "snake")}: Some({double_quoted(v)}), port: {s.number(1000, 9999)} }}'


def _csharp_record(s: Scene, k: Words, v: str) -> str:
    return f"LoginCommand {{ UserName = {s.user()}, {cased(k, 'pascal')} = {v}, RememberMe = True }}"


def _javascript_inspect(s: Scene, k: Words, v: str) -> str:
    return f"{{ host: '{s.host()}', {cased(k, 'camel')}: {python_repr(v)}, retries: {s.number(1, 9)} }}"


#: Characters that an unquoted value cannot hold without ending it.
STOP = " ,;&'\"`()[]{}<>|\\…"

SHAPES = (
    Shape("logfmt", "field", _logfmt),
    Shape("json value", "field", _json),
    Shape("json nested value", "field", _json_nested, prefixed=False),
    Shape("escaped json value", "field", _json_escaped, prefixed=False),
    Shape("twice escaped json value", "field", _json_escaped_twice, prefixed=False),
    Shape("access log query value", "field", _query, prefixed=False),
    Shape("url query value", "field", _query_end),
    Shape("percent-encoded form value", "field", _form_encoded),
    Shape("python keyword argument", "field", _python_kwarg),
    Shape("python dict value", "field", _python_dict),
    Shape("rails parameters", "field", _ruby),
    Shape("ruby symbol hash", "field", _ruby_symbol),
    Shape("php var_dump", "field", _php_dump, forbidden='"'),
    Shape("php print_r", "field", _php_print_r, forbidden=STOP),
    Shape("php serialized", "field", _php_serialized, forbidden='"'),
    Shape("java toString", "field", _java_to_string, forbidden=STOP),
    Shape("java record", "field", _java_record, forbidden=STOP),
    Shape("java quoted toString", "field", _java_quoted, forbidden="'"),
    Shape("go struct dump value", "field", _go_struct, forbidden=STOP),
    Shape("go syntax dump", "field", _go_syntax),
    Shape("go form map", "field", _go_query_map, forbidden=STOP),
    Shape("rust debug", "field", _rust_debug),
    Shape("c# record", "field", _csharp_record, forbidden=STOP),
    Shape("node inspect", "field", _javascript_inspect),
)
