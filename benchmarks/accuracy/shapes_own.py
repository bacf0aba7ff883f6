"""Shapes that bring their own secret: private keys in all their forms, cloud key pairs, signed URLs."""

# ruff: noqa: E501 - lines of logs and rows of tables stay whole

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from benchmarks.accuracy.draw import ALNUM, B64, BASE32, LOWER_NUM
from benchmarks.accuracy.shapes import Shape
from benchmarks.accuracy.text import base64_run, json_inner, json_object, mark, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.accuracy.draw import Scene

_NAMES = ("RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY")


def _key(s: Scene) -> tuple[str, list[str]]:
    """The name of a made-up private key and the lines of its body."""
    name = s.pick(*_NAMES)
    raw = (b"openssh-key-v1\x00" if "OPENSSH" in name else b"\x30\x82\x04\xa3\x02\x01\x00") + s.bytes(
        s.number(160, 600)
    )
    body = base64.b64encode(raw).decode()
    return name, [body[i : i + 64] for i in range(0, len(body), 64)]


def _pem(s: Scene, joint: str) -> str:
    name, lines = _key(s)
    return f"-----BEGIN {name}-----{joint}{mark(joint.join(lines))}{joint}-----END {name}-----"


def _pem_one_line(s: Scene) -> str:
    return json_object({"client_id": s.uuid(), "private_key": _pem(s, "\n") + "\n", "host": s.host()})


def _pem_literal(s: Scene) -> str:
    return f"SSH_KEY={_pem(s, chr(92) + 'n')} HOME=/root"


def _pem_doubly_escaped(s: Scene) -> str:
    inner = json_object({"type": "service_account", "private_key": _pem(s, "\n")}, spaced=False)
    return json_object({"level": "debug", "credentials": inner}, spaced=False)


def _pem_spaces(s: Scene) -> str:
    return f"loaded key {_pem(s, ' ')} for {s.user()}"


def _pem_base64(s: Scene) -> str:
    name, lines = _key(s)
    text = f"-----BEGIN {name}-----\n{mark(chr(10).join(lines))}\n-----END {name}-----\n"
    return f"KUBE_CLIENT_KEY_DATA={base64_run(text)}"


def _lines(s: Scene, head: Callable[[int], str], *, cut: bool = False) -> str:
    name, lines = _key(s)
    if cut:
        lines = lines[: s.number(2, len(lines) - 1)]
    rows = [f"-----BEGIN {name}-----", *(mark(line) for line in lines)]
    if not cut:
        rows.append(f"-----END {name}-----")
    return "\n".join(head(i) + row for i, row in enumerate(rows))


def _pem_cri(s: Scene) -> str:
    start = s.when().strftime("%Y-%m-%dT%H:%M:%S")
    return _lines(s, lambda i: f"{start}.{100000000 + i:09d}Z stdout F ")


def _pem_bare(s: Scene) -> str:
    return _lines(s, lambda _: "")


def _pem_syslog(s: Scene) -> str:
    head = f"{s.when().strftime('%b %d %H:%M:%S')} {s.host()} {s.service()}[{s.number(1, 9999)}]: "
    return _lines(s, lambda _: head)


def _pem_cut(s: Scene) -> str:
    start = s.when().strftime("%Y-%m-%dT%H:%M:%S")
    return _lines(s, lambda i: f"{start}.{100000000 + i:09d}Z stderr F ", cut=True)


def _pem_cut_one_line(s: Scene) -> str:
    name, lines = _key(s)
    body = mark("\\n".join(lines[:-1]))
    return f'{{"msg":"bad key","key":"-----BEGIN {name}-----\\n{body}"}}'


def _aws_pair(s: Scene) -> tuple[str, str]:
    return mark("AKIA" + s.chars(BASE32, 16)), mark(s.chars(B64, 39) + s.chars(ALNUM, 1))


def _aws_logfmt(s: Scene) -> str:
    key, secret = _aws_pair(s)
    return f"level=debug aws_access_key_id={key} aws_secret_access_key={secret} region=eu-west-1"


def _aws_json(s: Scene) -> str:
    key, secret = _aws_pair(s)
    return json_object(
        {"AccessKeyId": key, "SecretAccessKey": secret, "Expiration": s.when().isoformat()},
        spaced=s.number(0, 1) == 1,
    )


def _aws_env(s: Scene) -> str:
    key, secret = _aws_pair(s)
    return f"environ: AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret} PWD=/app"


def _aws_python(s: Scene) -> str:
    key, secret = _aws_pair(s)
    return f"boto3.client('s3', aws_access_key_id='{key}', aws_secret_access_key='{secret}')"


def _azure_connection(s: Scene) -> str:
    key = mark(base64.b64encode(s.bytes(64)).decode())
    return f"DefaultEndpointsProtocol=https;AccountName={s.word()}{s.number(1, 99)};AccountKey={key};EndpointSuffix=core.windows.net"


def _azure_bus(s: Scene) -> str:
    key = mark(base64.b64encode(s.bytes(32)).decode())
    return f"Endpoint=sb://{s.word()}.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey={key};EntityPath={s.word()}"


def _azure_iot(s: Scene) -> str:
    key = mark(base64.b64encode(s.bytes(32)).decode())
    return (
        f"HostName={s.word()}.azure-devices.net;DeviceId={s.word()}-{s.number(1, 99)};SharedAccessKey={key}"
    )


def _azure_sas(s: Scene) -> str:
    signature = percent(mark(base64.b64encode(s.bytes(32)).decode()))
    return f"GET https://{s.word()}.blob.core.windows.net/{s.word()}/{s.word()}.json?sv=2022-11-02&se={s.when().date()}T00%3A00%3A00Z&sr=b&sp=r&sig={signature}"


def _s3_presigned(s: Scene) -> str:
    key = mark("AKIA" + s.chars(BASE32, 16))
    return f"https://{s.word()}.s3.amazonaws.com/{s.word()}.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key}%2F20240101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Expires=3600"


def _gcp_service_account(s: Scene) -> str:
    account = {
        "type": "service_account",
        "project_id": s.word(),
        "private_key_id": s.hex(40),
        "private_key": _pem(s, "\n") + "\n",
        "client_email": f"{s.word()}@{s.word()}.iam.gserviceaccount.com",
        "client_id": str(s.number(10**20, 10**21)),
    }
    return json_object(account)


def _slack_cookie(s: Scene) -> str:
    return f"cookie: b={s.hex(32)}; d={percent(mark('xoxd-' + s.chars(B64, 120)))}; lc=1700000000"


def _oauth_response(s: Scene) -> str:
    fields = {
        "access_token": mark(s.chars(ALNUM, 43)),
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": mark(s.chars(ALNUM, 43)),
        "scope": "read write",
    }
    return f"token response: {json_object(fields, spaced=False)}"


def _oauth_form(s: Scene) -> str:
    return f"POST /token grant_type=client_credentials&client_id={s.word()}-app&client_secret={mark(s.chars(ALNUM, 40))}&scope=api"


def _reset_link(s: Scene) -> str:
    return f"mail queued to {s.email()}: https://{s.host()}/password/reset?token={mark(s.chars(LOWER_NUM, 40))}&email=1"


def _wireguard(s: Scene) -> str:
    return f"PrivateKey = {mark(base64.b64encode(s.bytes(32)).decode())}"


def _kubernetes_secret_yaml(s: Scene) -> str:
    token = base64_run(mark(s.chars(ALNUM, 24)))
    return json_object(
        {"apiVersion": "v1", "kind": "Secret", "data": {"api-token": token}, "metadata": {"name": s.word()}},
        spaced=False,
    )


def _last_applied(s: Scene) -> str:
    inner = json_object(
        {"apiVersion": "v1", "kind": "Secret", "data": {"password": base64_run(mark(s.chars(ALNUM, 16)))}},
        spaced=False,
    )
    return f'{{"metadata":{{"annotations":{{"kubectl.kubernetes.io/last-applied-configuration":"{json_inner(inner)}"}},"name":"{s.word()}"}}}}'


SHAPES = (
    Shape("pem in json", "own", _pem_one_line, prefixed=False),
    Shape("pem with literal newlines", "own", _pem_literal),
    Shape("pem doubly escaped", "own", _pem_doubly_escaped, prefixed=False),
    Shape("pem with spaces", "own", _pem_spaces),
    Shape("pem in base64", "own", _pem_base64),
    Shape("pem line by line, cri", "own", _pem_cri, prefixed=False),
    Shape("pem line by line, bare", "own", _pem_bare, prefixed=False),
    Shape("pem line by line, syslog", "own", _pem_syslog, prefixed=False),
    Shape("pem cut off, cri", "own", _pem_cut, prefixed=False),
    Shape("pem cut off, one line", "own", _pem_cut_one_line, prefixed=False),
    Shape("aws pair, logfmt", "own", _aws_logfmt),
    Shape("aws pair, json", "own", _aws_json, prefixed=False),
    Shape("aws pair, environment", "own", _aws_env),
    Shape("aws pair, python", "own", _aws_python),
    Shape("azure storage connection string", "own", _azure_connection),
    Shape("azure service bus connection string", "own", _azure_bus),
    Shape("azure iot connection string", "own", _azure_iot),
    Shape("azure sas", "own", _azure_sas),
    Shape("s3 presigned url", "own", _s3_presigned),
    Shape("gcp service account", "own", _gcp_service_account, prefixed=False),
    Shape("slack d cookie", "own", _slack_cookie),
    Shape("oauth response", "own", _oauth_response),
    Shape("oauth form", "own", _oauth_form),
    Shape("password reset link", "own", _reset_link),
    Shape("wireguard private key", "own", _wireguard, prefixed=False),
    Shape("kubernetes secret token", "own", _kubernetes_secret_yaml, prefixed=False),
    Shape("kubernetes last applied", "own", _last_applied, prefixed=False),
)
