"""Shapes for tokens that say by themselves what they are: anywhere in a line, in any encoding."""

# ruff: noqa: E501, S608 - lines of logs and rows of tables stay whole; SQL in made-up log lines runs nowhere

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.shapes import Shape
from benchmarks.accuracy.text import (
    base64_run,
    html,
    json_inner,
    json_object,
    json_string,
    percent,
    python_repr,
    sql_quoted,
    xml,
)

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene


def _after_space(s: Scene, t: str) -> str:
    return f"{s.pick('using credential', 'got token', 'retry with', 'auth failed for key')} {t} {s.pick('for', 'from', 'on')} {s.host()}"


def _end_of_line(s: Scene, t: str) -> str:
    return f"{s.service()}: loaded {t}"


def _alone(_: Scene, t: str) -> str:
    return t


def _json_field(s: Scene, t: str) -> str:
    key = s.pick("token", "value", "data", "arg", "credential")
    return json_object(
        {"ts": s.when().isoformat(), "user": s.user(), key: t, "n": s.number(1, 99)},
        spaced=s.number(0, 1) == 1,
    )


def _json_in_json(s: Scene, t: str) -> str:
    inner = json_object({"id": s.number(1, 999), "token": t, "ok": True}, spaced=False)
    return json_object({"level": "info", "body": inner, "service": s.service()}, spaced=False)


def _json_thrice(s: Scene, t: str) -> str:
    inner = json_object({"auth": {"token": t}, "region": "eu"}, spaced=False)
    middle = json_object({"payload": inner, "seq": s.number(1, 99)}, spaced=False)
    return json_object({"log": middle + "\n", "stream": "stdout", "time": s.when().isoformat()}, spaced=False)


def _after_literal_newline(s: Scene, t: str) -> str:
    return json_object({"msg": f"{s.word()} failed\n{t} was rejected", "code": s.number(400, 511)})


def _after_literal_tab(s: Scene, t: str) -> str:
    return json_object({"message": f"token:\t{t}\t(current)", "pid": s.number(1, 9999)})


def _before_literal_newline(s: Scene, t: str) -> str:
    return json_object({"log": f"{s.service()} token {t}\n", "stream": "stderr"}, spaced=False)


def _u0026_query(s: Scene, t: str) -> str:
    return f'{{"url":"https://{s.host()}{s.path()}?page={s.number(1, 9)}\\u0026access_token={percent(t)}\\u0026lang=en","status":200}}'


def _url_query(s: Scene, t: str) -> str:
    return f'{s.ip()} - - [{s.when().strftime("%d/%b/%Y:%H:%M:%S +0000")}] "GET {s.path()}?a={s.number(1, 9)}&access_token={percent(t)} HTTP/1.1" 200 {s.number(100, 9999)}'


def _percent_query(s: Scene, t: str) -> str:
    return f"redirect to /login?next=%2F{s.word()}%3Ftoken%3D{percent(percent(t))}%26scope%3Drepo"


def _percent_form(s: Scene, t: str) -> str:
    return f"POST /oauth/callback body=grant_type%3Drefresh%26token%3D{percent(t)}%26client_id%3D{s.word()}"


def _userinfo(s: Scene, t: str) -> str:
    return f"Cloning into '{s.word()}' from https://{s.pick('oauth2', 'x-access-token', 'x-token-auth', 'git')}:{percent(t)}@{s.host()}/{s.word()}/{s.word()}.git"


def _userinfo_only(s: Scene, t: str) -> str:
    return f"fatal: unable to access 'https://{percent(t)}@{s.host()}/{s.word()}/{s.word()}.git/': The requested URL returned error: 403"


def _ansi(s: Scene, t: str) -> str:
    return f"\x1b[36m{s.service()}\x1b[0m token \x1b[{s.pick('32', '33', '1;31')}m{t}\x1b[0m accepted"


def _ansi_literal(s: Scene, t: str) -> str:
    return f'{{"log":"\\u001b[32m{json_inner(t)}\\u001b[0m used by {s.user()}"}}'


def _ansi_stripped(s: Scene, t: str) -> str:
    return f"[32m{t}[0m by {s.user()}"


def _env_dump(s: Scene, t: str) -> str:
    return f"env: HOME=/root LANG=C.UTF-8 {s.word().upper()}_CRED={t} PORT={s.number(1000, 9999)} SHLVL=1"


def _set_x(s: Scene, t: str) -> str:
    return f"+ export {s.word().upper()}_AUTH='{t}'"


def _go_map(s: Scene, t: str) -> str:
    return (
        f"headers map[Accept:[*/*] Authorization:[token {t}] User-Agent:[Go-http-client/1.1]] to {s.host()}"
    )


def _python_dict(s: Scene, t: str) -> str:
    return f"kwargs={{'host': '{s.host()}', 'auth': {python_repr(t)}, 'retries': {s.number(1, 5)}}}"


def _ruby_hash(s: Scene, t: str) -> str:
    return f'Parameters: {{"utf8"=>"✓", "credential"=>"{t}", "id"=>"{s.number(1, 999)}"}}'


def _glued(s: Scene, t: str) -> str:
    return f"cache miss for {s.pick('user', 'sess', 'tok')}_{t}_{s.pick('v2', 'v1', 'meta')}"


def _brackets(s: Scene, t: str) -> str:
    return f"{s.service()} [{t}] {s.word()} updated"


def _tuple(s: Scene, t: str) -> str:
    return f"call login('{s.user()}', '{t}', {s.number(2, 40)}) took {s.number(1, 900)}ms"


def _bare_tuple(s: Scene, t: str) -> str:
    return f"args=({t}, {s.number(2, 40)})"


def _xml_element(s: Scene, t: str) -> str:
    return f"<request><id>{s.number(1, 99999)}</id><cred>{xml(t)}</cred><lang>en</lang></request>"


def _xml_attribute(s: Scene, t: str) -> str:
    return f'<connection host="{s.host()}" cred="{xml(t)}" timeout="30"/>'


def _base64_basic(s: Scene, t: str) -> str:
    return f"> Authorization: Basic {base64_run(s.user() + ':' + t)}"


def _base64_json(s: Scene, t: str) -> str:
    return f"event payload={base64_run(json_object({'user': s.user(), 'token': t, 'exp': s.number(1, 10**9)}, spaced=False))} size={s.number(100, 999)}"


def _base64_shifted(s: Scene, t: str) -> str:
    return (
        f'{{"data":"{base64_run("x" * s.number(1, 3) + "token=" + t + chr(10))}","attempt":{s.number(1, 5)}}}'
    )


def _curl_header(s: Scene, t: str) -> str:
    return (
        f"+ curl -sS -H 'Accept: application/json' -H 'Authorization: token {t}' https://{s.host()}{s.path()}"
    )


def _truncated(s: Scene, t: str) -> str:
    return f"response body: token={t}{s.pick('..', '...', '…')}(truncated {s.number(100, 9000)} bytes)"


def _traceback(s: Scene, t: str) -> str:
    return f"requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://{s.host()}{s.path()}?key={percent(t)}"


def _traceback_value(s: Scene, t: str) -> str:
    return (
        f"ValueError: invalid credential {python_repr(t)} in {s.path()}/settings.py line {s.number(1, 400)}"
    )


def _provider_echo(s: Scene, t: str) -> str:
    return f'{{"error":{{"message":"Incorrect API key provided: {json_inner(t)}. You can find your API key at https://{s.host()}/keys.","type":"invalid_request_error"}}}}'


def _csv(s: Scene, t: str) -> str:
    return f"{s.number(1, 999)},{s.user()},{t},{s.when().date()},active"


def _tsv(s: Scene, t: str) -> str:
    return f"{s.when().isoformat()}\t{s.user()}\t{t}\t{s.number(1, 99)}"


def _markdown(s: Scene, t: str) -> str:
    return f"Deploy note from {s.user()}: use `{t}` until Friday"


def _angle(s: Scene, t: str) -> str:
    return f"<Client {s.service()} key=<{t}> at 0x7f{s.hex(10)}>"


def _semicolon(s: Scene, t: str) -> str:
    return f"opts=retry:3;auth:{t};timeout:{s.number(1, 60)}"


def _pipe(s: Scene, t: str) -> str:
    return f"{s.user()}|{t}|{s.number(200, 504)}|{s.path()}"


def _html_page(s: Scene, t: str) -> str:
    return f"render: &lt;input name=&quot;{s.word()}&quot; value=&quot;{html(html(t))}&quot;&gt;"


def _url_path(s: Scene, t: str) -> str:
    return f"GET https://{s.host()}/hooks/{percent(t)}/messages 200 in {s.number(1, 900)}ms"


def _fragment(s: Scene, t: str) -> str:
    return f"redirected to https://{s.host()}/callback#access_token={percent(t)}&token_type=bearer&expires_in=3600"


def _chat_argument(s: Scene, t: str) -> str:
    inner = json_object({"command": f"export KEY={t} && make deploy"}, spaced=False)
    return f'{{"type":"tool_call","name":"bash","arguments":{json_string(inner)},"id":"call_{s.hex(12)}"}}'


def _sql_log(s: Scene, t: str) -> str:
    return f"statement: INSERT INTO integrations (id, owner, value) VALUES ({s.number(1, 99)}, '{s.user()}', {sql_quoted(t)})"


def _go_struct(s: Scene, t: str) -> str:
    return f"cfg=&{{Host:{s.host()} Port:{s.number(1000, 9999)} Cred:{t} Debug:false}}"


def _actions_group(s: Scene, t: str) -> str:
    return f"##[debug]input.{s.word()}: {t}"


def _grpc_metadata(s: Scene, t: str) -> str:
    return f"grpc metadata: [('x-client', '{s.service()}'), ('x-cred', {python_repr(t)})]"


SHAPES = (
    Shape("after a space", "token", _after_space),
    Shape("end of line", "token", _end_of_line),
    Shape("alone in a line", "token", _alone, prefixed=False),
    Shape("json field", "token", _json_field),
    Shape("json in json", "token", _json_in_json, prefixed=False),
    Shape("json in json in json", "token", _json_thrice, prefixed=False),
    Shape("after a literal newline escape", "token", _after_literal_newline, prefixed=False),
    Shape("after a literal tab escape", "token", _after_literal_tab, prefixed=False),
    Shape("before a literal newline escape", "token", _before_literal_newline, prefixed=False),
    Shape("after u0026 in a query", "token", _u0026_query, prefixed=False),
    Shape("access log query", "token", _url_query, prefixed=False),
    Shape("twice percent-encoded query", "token", _percent_query),
    Shape("percent-encoded form", "token", _percent_form),
    Shape("url userinfo", "token", _userinfo),
    Shape("url userinfo, user only", "token", _userinfo_only),
    Shape("glued to an ansi colour", "token", _ansi),
    Shape("ansi as literal escape", "token", _ansi_literal, prefixed=False),
    Shape("ansi without its escape byte", "token", _ansi_stripped),
    Shape("env dump", "token", _env_dump),
    Shape("set -x export", "token", _set_x, prefixed=False, forbidden="'"),
    Shape("go map", "token", _go_map),
    Shape("python dict", "token", _python_dict),
    Shape("ruby hash", "token", _ruby_hash),
    Shape("between underscores", "token", _glued, glued=True),
    Shape("in brackets", "token", _brackets),
    Shape("in quoted arguments", "token", _tuple),
    Shape("in a bare tuple", "token", _bare_tuple),
    Shape("xml element", "token", _xml_element),
    Shape("xml attribute", "token", _xml_attribute),
    Shape("base64 of a basic header", "token", _base64_basic),
    Shape("base64 of a json blob", "token", _base64_json),
    Shape("base64 at another alignment", "token", _base64_shifted, prefixed=False),
    Shape("curl -H", "token", _curl_header, prefixed=False),
    Shape("before an ellipsis", "token", _truncated, glued=True),
    Shape("http error with url", "token", _traceback, prefixed=False),
    Shape("python traceback", "token", _traceback_value, prefixed=False),
    Shape("provider error echo", "token", _provider_echo),
    Shape("csv", "token", _csv, prefixed=False, forbidden=","),
    Shape("tsv", "token", _tsv, prefixed=False),
    Shape("markdown code", "token", _markdown),
    Shape("angle brackets", "token", _angle),
    Shape("semicolon list", "token", _semicolon),
    Shape("pipe separated", "token", _pipe, prefixed=False),
    Shape("html twice escaped", "token", _html_page),
    Shape("url path", "token", _url_path),
    Shape("url fragment", "token", _fragment),
    Shape("command in a tool call", "token", _chat_argument, prefixed=False),
    Shape("sql insert", "token", _sql_log),
    Shape("go struct dump", "token", _go_struct),
    Shape("ci debug input", "token", _actions_group, prefixed=False),
    Shape("grpc metadata", "token", _grpc_metadata),
)
