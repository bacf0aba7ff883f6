"""Shapes for a key and its value: configuration, markup, environments, command lines, telemetry, audit formats."""

# ruff: noqa: E501, S608 - lines of logs and rows of tables stay whole; SQL in made-up log lines runs nowhere

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.shapes import Shape, any_case, cased
from benchmarks.accuracy.shapes_field import STOP
from benchmarks.accuracy.text import (
    double_quoted,
    html,
    json_inner,
    json_object,
    shell_quoted,
    xml,
)

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene

    Words = tuple[str, ...]


def _yaml(s: Scene, k: Words, v: str) -> str:
    return f"  {any_case(s, k, 'snake', 'camel', 'kebab')}: {v}"


def _yaml_quoted(s: Scene, k: Words, v: str) -> str:
    return f"    {any_case(s, k, 'snake', 'camel')}: {double_quoted(v)}"


def _ini(s: Scene, k: Words, v: str) -> str:
    return f"{any_case(s, k, 'snake', 'dotted')} = {v}"


def _properties(s: Scene, k: Words, v: str) -> str:
    return f"spring.{s.word()}.{cased(k, 'kebab')}={v}"


def _xml_element(s: Scene, k: Words, v: str) -> str:
    key = any_case(s, k, "camel", "pascal", "snake")
    return f"<login><user>{s.user()}</user><{key}>{xml(v)}</{key}></login>"


def _soap(s: Scene, k: Words, v: str) -> str:
    key = cased(k, "pascal")
    return f"<soapenv:Body><web:Login><web:User>{s.user()}</web:User><web:{key}>{xml(v)}</web:{key}></web:Login></soapenv:Body>"


def _xml_attribute(s: Scene, k: Words, v: str) -> str:
    return f'<add name="main" user="{s.user()}" {cased(k, "camel")}="{html(v)}" pooling="true" />'


def _xml_name_value(s: Scene, k: Words, v: str) -> str:
    return f'<property name="{any_case(s, k, "camel", "dotted")}" value="{html(v)}"/>'


def _html_escaped(s: Scene, k: Words, v: str) -> str:
    return f"body={{&quot;user&quot;:&quot;{s.user()}&quot;,&quot;{cased(k, 'snake')}&quot;:&quot;{html(json_inner(v))}&quot;}}"


def _env_dump(s: Scene, k: Words, v: str) -> str:
    return f"Environment: PATH=/usr/bin:/bin {cased((s.word(), *k), 'upper')}={v} HOSTNAME={s.pod()}"


def _set_x(s: Scene, k: Words, v: str) -> str:
    return f"+ {s.pick('export ', '', 'export ')}{cased(k, 'upper')}={shell_quoted(v)}"


def _declare(_: Scene, k: Words, v: str) -> str:
    return f"declare -x {cased(k, 'upper')}={double_quoted(v)}"


def _flag_space(s: Scene, k: Words, v: str) -> str:
    return f"+ ./{s.word()} --host {s.host()} --{cased(k, 'kebab')} {shell_quoted(v)} --verbose"


def _flag_equals(s: Scene, k: Words, v: str) -> str:
    return f"exec: /usr/local/bin/{s.word()} --user={s.user()} --{cased(k, 'kebab')}={shell_quoted(v)} --port={s.number(1, 9999)}"


def _argv_json(s: Scene, k: Words, v: str) -> str:
    return json_object(
        {"msg": "starting", "argv": [f"/bin/{s.word()}", f"--{cased(k, 'kebab')}", v, "--debug"]},
        spaced=False,
    )


def _java_property(s: Scene, k: Words, v: str) -> str:
    return f"java -Xmx2g -Dserver.port={s.number(1000, 9999)} -D{s.word()}.{any_case(s, k, 'dotted', 'camel')}={shell_quoted(v)} -jar app.jar"


def _key_value_prose(s: Scene, k: Words, v: str) -> str:
    return f"{s.pick('generated', 'new', 'using')} {' '.join(k)}: {v}"


def _prose_is(s: Scene, k: Words, v: str) -> str:
    return f"{s.pick('Your', 'The temporary', 'Initial')} {' '.join(k)} is '{v}', change it soon"


def _otlp(s: Scene, k: Words, v: str) -> str:
    attributes = [
        {"key": "host", "value": {"stringValue": s.host()}},
        {"key": cased(k, "dotted"), "value": {"stringValue": v}},
    ]
    return json_object(
        {"body": {"stringValue": "startup"}, "attributes": attributes, "traceId": s.hex(32)}, spaced=False
    )


def _names_values(s: Scene, k: Words, v: str) -> str:
    return json_object(
        {
            "string": {"names": ["host", cased(k, "snake"), "zone"], "values": [s.host(), v, "b"]},
            "ts": s.number(1, 9**9),
        },
        spaced=False,
    )


def _dotted_names_values(s: Scene, k: Words, v: str) -> str:
    return json_object(
        {"string.names": [cased(k, "snake"), "host"], "string.values": [v, s.host()]}, spaced=False
    )


def _name_value_pair(s: Scene, k: Words, v: str) -> str:
    return json_object(
        {"pod": s.pod(), "env": [{"name": "PORT", "value": "8080"}, {"name": cased(k, "upper"), "value": v}]},
        spaced=s.number(0, 1) == 1,
    )


def _docker_inspect(s: Scene, k: Words, v: str) -> str:
    return json_object(
        {"Env": ["PATH=/usr/bin", f"{cased((s.word(), *k), 'upper')}={v}"], "Image": f"sha256:{s.hex(64)}"},
        spaced=False,
    )


def _kubectl_describe(s: Scene, k: Words, v: str) -> str:
    return f"      {cased(k, 'upper')}:{' ' * s.number(2, 9)}{v}"


def _terraform(s: Scene, k: Words, v: str) -> str:
    return f"  + {cased(k, 'snake')}{' ' * s.number(1, 6)} = {double_quoted(v)}"


def _ansible(s: Scene, k: Words, v: str) -> str:
    args = {"module_args": {"login_user": s.user(), cased(k, "snake"): v, "state": "present"}}
    return f"changed: [{s.host()}] => {json_object({'changed': True, 'invocation': args})}"


def _cef(s: Scene, k: Words, v: str) -> str:
    return f"CEF:0|Acme|Portal|1.{s.number(0, 9)}|{s.number(100, 900)}|Login attempt|5|src={s.ip()} suser={s.user()} {cased(k, 'camel')}={v} outcome=success"


def _leef(s: Scene, k: Words, v: str) -> str:
    return (
        f"LEEF:2.0|Acme|Portal|3.1|login|\tsrc={s.ip()}\tusrName={s.user()}\t{cased(k, 'camel')}={v}\tsev=5"
    )


def _structured_data(s: Scene, k: Words, v: str) -> str:
    value = v.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
    return f'<165>1 {s.when().strftime("%Y-%m-%dT%H:%M:%S.%fZ")} {s.host()} {s.service()} {s.number(1, 9999)} ID{s.number(1, 99)} [meta@32473 user="{s.user()}" {cased(k, "snake")}="{value}"] started'


def _windows_event(s: Scene, k: Words, v: str) -> str:
    return f"<EventData><Data Name='TargetUserName'>{s.user()}</Data><Data Name='{cased(k, 'pascal')}'>{xml(v)}</Data></EventData>"


def _dotnet(s: Scene, k: Words, v: str) -> str:
    return f"Executing endpoint with arguments ({cased(k, 'camel')}: {v}, userName: {s.user()})"


def _postgres_detail(s: Scene, k: Words, v: str) -> str:
    value = v.replace("'", "''")
    return f"LOG:  execute <unnamed>: UPDATE accounts SET {cased(k, 'snake')} = '{value}' WHERE id = {s.number(1, 999)}"


def _graphql(s: Scene, k: Words, v: str) -> str:
    query = f'mutation {{ login(email: "{s.email()}", {cased(k, "camel")}: {double_quoted(v)}) {{ id }} }}'
    return json_object({"query": query, "operationName": None}, spaced=False)


def _actions_env(s: Scene, k: Words, v: str) -> str:
    return f"{s.when().strftime('%Y-%m-%dT%H:%M:%S.%f')}0Z   {cased(k, 'upper')}: {v}"


def _toml(_: Scene, k: Words, v: str) -> str:
    return f"{cased(k, 'snake')} = {double_quoted(v)}"


def _multipart(s: Scene, k: Words, v: str) -> str:
    boundary = s.hex(16)
    return f'--{boundary}\\r\\nContent-Disposition: form-data; name="{cased(k, "snake")}"\\r\\n\\r\\n{v}\\r\\n--{boundary}--'


SHAPES = (
    Shape("yaml", "field", _yaml, prefixed=False, forbidden=STOP + ":#!@%*&?|>"),
    Shape("yaml quoted", "field", _yaml_quoted, prefixed=False),
    Shape("ini", "field", _ini, prefixed=False, forbidden=STOP + "#"),
    Shape("java properties", "field", _properties, prefixed=False, forbidden=STOP + "#"),
    Shape("xml element value", "field", _xml_element),
    Shape("soap body", "field", _soap),
    Shape("xml attribute value", "field", _xml_attribute),
    Shape("xml name and value", "field", _xml_name_value),
    Shape("html-escaped json", "field", _html_escaped),
    Shape("environment dump", "field", _env_dump, forbidden=STOP),
    Shape("set -x assignment", "field", _set_x, prefixed=False),
    Shape("declare -x", "field", _declare, prefixed=False, forbidden="$`"),
    Shape("flag with space", "field", _flag_space),
    Shape("flag with equals", "field", _flag_equals),
    Shape("argv as json", "field", _argv_json, prefixed=False),
    Shape("java -D property", "field", _java_property),
    Shape("key, colon, value", "field", _key_value_prose, forbidden=STOP),
    Shape("quoted in prose", "field", _prose_is, forbidden="'"),
    Shape("otlp attribute", "field", _otlp, prefixed=False),
    Shape("names and values arrays", "field", _names_values, prefixed=False),
    Shape("dotted names and values", "field", _dotted_names_values, prefixed=False),
    Shape("name and value siblings", "field", _name_value_pair, prefixed=False),
    Shape("docker inspect env", "field", _docker_inspect, prefixed=False),
    Shape("kubectl describe env", "field", _kubectl_describe, prefixed=False, forbidden=STOP),
    Shape("terraform plan", "field", _terraform, prefixed=False),
    Shape("ansible -vvv", "field", _ansible, prefixed=False),
    Shape("cef", "field", _cef, forbidden=STOP + "=|"),
    Shape("leef", "field", _leef, forbidden=STOP + "=|"),
    Shape("rfc 5424 structured data", "field", _structured_data, prefixed=False),
    Shape("windows event data", "field", _windows_event),
    Shape(".net arguments", "field", _dotnet, forbidden=STOP),
    Shape("sql update", "field", _postgres_detail),
    Shape("graphql argument", "field", _graphql),
    Shape("actions env", "field", _actions_env, prefixed=False, forbidden=STOP),
    Shape("toml", "field", _toml, prefixed=False),
    Shape("multipart form", "field", _multipart, forbidden=STOP),
)
