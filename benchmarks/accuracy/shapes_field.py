"""Shapes for a key and its value: what loggers, dumps, configs and command lines print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.shapes import Shape, any_case, cased
from benchmarks.accuracy.text import (
    bare, double_quoted, html, json_inner, json_object, logfmt_value, percent, python_repr, shell_quoted, xml,
)

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene

    Words = tuple[str, ...]


def _logfmt(s: Scene, k: Words, v: str) -> str:
    return f"level=info msg=\"{s.word()} {s.pick('created', 'loaded')}\" {any_case(s, k, 'snake', 'camel', 'snake')}={logfmt_value(v)} user={s.user()}"


def _json(s: Scene, k: Words, v: str) -> str:
    fields = {"level": "info", "user": s.user(), any_case(s, k, "snake", "camel", "kebab"): v, "id": s.number(1, 9999)}
    return json_object(fields, spaced=s.number(0, 1) == 1)


def _json_nested(s: Scene, k: Words, v: str) -> str:
    return json_object({"event": "config", "db": {"host": s.host(), any_case(s, k, "snake", "camel"): v}, "ok": True}, spaced=False)


def _json_escaped(s: Scene, k: Words, v: str) -> str:
    inner = json_object({"user": s.user(), any_case(s, k, "snake", "camel"): v, "remember": True}, spaced=s.number(0, 1) == 1)
    return json_object({"method": "POST", "path": "/login", "body": inner}, spaced=False)


def _json_escaped_twice(s: Scene, k: Words, v: str) -> str:
    inner = json_object({any_case(s, k, "snake", "camel"): v, "user": s.user()}, spaced=False)
    return json_object({"log": json_object({"body": inner}, spaced=False) + "\n", "stream": "stdout"}, spaced=False)


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
    return f"opts={{:host=>\"{s.host()}\", :{cased(k, 'snake')}=>{double_quoted(v)}, :port=>{s.number(1000, 9999)}}}"


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
    return f'declare -x {cased(k, "upper")}={double_quoted(v)}'


def _flag_space(s: Scene, k: Words, v: str) -> str:
    return f"+ ./{s.word()} --host {s.host()} --{cased(k, 'kebab')} {shell_quoted(v)} --verbose"


def _flag_equals(s: Scene, k: Words, v: str) -> str:
    return f"exec: /usr/local/bin/{s.word()} --user={s.user()} --{cased(k, 'kebab')}={shell_quoted(v)} --port={s.number(1, 9999)}"


def _argv_json(s: Scene, k: Words, v: str) -> str:
    return json_object({"msg": "starting", "argv": [f"/bin/{s.word()}", f"--{cased(k, 'kebab')}", v, "--debug"]}, spaced=False)


def _java_property(s: Scene, k: Words, v: str) -> str:
    return f"java -Xmx2g -Dserver.port={s.number(1000, 9999)} -D{s.word()}.{any_case(s, k, 'dotted', 'camel')}={shell_quoted(v)} -jar app.jar"


def _key_value_prose(s: Scene, k: Words, v: str) -> str:
    return f"{s.pick('generated', 'new', 'using')} {' '.join(k)}: {v}"


def _prose_is(s: Scene, k: Words, v: str) -> str:
    return f"{s.pick('Your', 'The temporary', 'Initial')} {' '.join(k)} is '{v}', change it soon"


def _otlp(s: Scene, k: Words, v: str) -> str:
    attributes = [{"key": "host", "value": {"stringValue": s.host()}}, {"key": cased(k, "dotted"), "value": {"stringValue": v}}]
    return json_object({"body": {"stringValue": "startup"}, "attributes": attributes, "traceId": s.hex(32)}, spaced=False)


def _names_values(s: Scene, k: Words, v: str) -> str:
    return json_object({"string": {"names": ["host", cased(k, "snake"), "zone"], "values": [s.host(), v, "b"]}, "ts": s.number(1, 9**9)}, spaced=False)


def _dotted_names_values(s: Scene, k: Words, v: str) -> str:
    return json_object({"string.names": [cased(k, "snake"), "host"], "string.values": [v, s.host()]}, spaced=False)


def _name_value_pair(s: Scene, k: Words, v: str) -> str:
    return json_object({"pod": s.pod(), "env": [{"name": "PORT", "value": "8080"}, {"name": cased(k, "upper"), "value": v}]}, spaced=s.number(0, 1) == 1)


def _docker_inspect(s: Scene, k: Words, v: str) -> str:
    return json_object({"Env": ["PATH=/usr/bin", f"{cased((s.word(), *k), 'upper')}={v}"], "Image": f"sha256:{s.hex(64)}"}, spaced=False)


def _kubectl_describe(s: Scene, k: Words, v: str) -> str:
    return f"      {cased(k, 'upper')}:{' ' * s.number(2, 9)}{v}"


def _terraform(s: Scene, k: Words, v: str) -> str:
    return f'  + {cased(k, "snake")}{" " * s.number(1, 6)} = {double_quoted(v)}'


def _ansible(s: Scene, k: Words, v: str) -> str:
    args = {"module_args": {"login_user": s.user(), cased(k, "snake"): v, "state": "present"}}
    return f"changed: [{s.host()}] => {json_object({'changed': True, 'invocation': args})}"


def _cef(s: Scene, k: Words, v: str) -> str:
    return f"CEF:0|Acme|Portal|1.{s.number(0, 9)}|{s.number(100, 900)}|Login attempt|5|src={s.ip()} suser={s.user()} {cased(k, 'camel')}={v} outcome=success"


def _leef(s: Scene, k: Words, v: str) -> str:
    return f"LEEF:2.0|Acme|Portal|3.1|login|\tsrc={s.ip()}\tusrName={s.user()}\t{cased(k, 'camel')}={v}\tsev=5"


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


_STOP = " ,;&'\"`()[]{}<>|\\…"

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
    Shape("php print_r", "field", _php_print_r, forbidden=_STOP),
    Shape("php serialized", "field", _php_serialized, forbidden='"'),
    Shape("java toString", "field", _java_to_string, forbidden=_STOP),
    Shape("java record", "field", _java_record, forbidden=_STOP),
    Shape("java quoted toString", "field", _java_quoted, forbidden="'"),
    Shape("go struct dump value", "field", _go_struct, forbidden=_STOP),
    Shape("go syntax dump", "field", _go_syntax),
    Shape("go form map", "field", _go_query_map, forbidden=_STOP),
    Shape("rust debug", "field", _rust_debug),
    Shape("c# record", "field", _csharp_record, forbidden=_STOP),
    Shape("node inspect", "field", _javascript_inspect),
    Shape("yaml", "field", _yaml, prefixed=False, forbidden=_STOP + ":#!@%*&?|>"),
    Shape("yaml quoted", "field", _yaml_quoted, prefixed=False),
    Shape("ini", "field", _ini, prefixed=False, forbidden=_STOP + "#"),
    Shape("java properties", "field", _properties, prefixed=False, forbidden=_STOP + "#"),
    Shape("xml element value", "field", _xml_element),
    Shape("soap body", "field", _soap),
    Shape("xml attribute value", "field", _xml_attribute),
    Shape("xml name and value", "field", _xml_name_value),
    Shape("html-escaped json", "field", _html_escaped),
    Shape("environment dump", "field", _env_dump, forbidden=_STOP),
    Shape("set -x assignment", "field", _set_x, prefixed=False),
    Shape("declare -x", "field", _declare, prefixed=False, forbidden="$`"),
    Shape("flag with space", "field", _flag_space),
    Shape("flag with equals", "field", _flag_equals),
    Shape("argv as json", "field", _argv_json, prefixed=False),
    Shape("java -D property", "field", _java_property),
    Shape("key, colon, value", "field", _key_value_prose, forbidden=_STOP),
    Shape("quoted in prose", "field", _prose_is, forbidden="'"),
    Shape("otlp attribute", "field", _otlp, prefixed=False),
    Shape("names and values arrays", "field", _names_values, prefixed=False),
    Shape("dotted names and values", "field", _dotted_names_values, prefixed=False),
    Shape("name and value siblings", "field", _name_value_pair, prefixed=False),
    Shape("docker inspect env", "field", _docker_inspect, prefixed=False),
    Shape("kubectl describe env", "field", _kubectl_describe, prefixed=False, forbidden=_STOP),
    Shape("terraform plan", "field", _terraform, prefixed=False),
    Shape("ansible -vvv", "field", _ansible, prefixed=False),
    Shape("cef", "field", _cef, forbidden=_STOP + "=|"),
    Shape("leef", "field", _leef, forbidden=_STOP + "=|"),
    Shape("rfc 5424 structured data", "field", _structured_data, prefixed=False),
    Shape("windows event data", "field", _windows_event),
    Shape(".net arguments", "field", _dotnet, forbidden=_STOP),
    Shape("sql update", "field", _postgres_detail),
    Shape("graphql argument", "field", _graphql),
    Shape("actions env", "field", _actions_env, prefixed=False, forbidden=_STOP),
    Shape("toml", "field", _toml, prefixed=False),
    Shape("multipart form", "field", _multipart, forbidden=_STOP),
)
