"""Look-alikes made of random characters: digests, ids, keys that are public, encoded pictures."""

# ruff: noqa: E501 - lines of logs and rows of tables stay whole

from __future__ import annotations

import base64
import json

from benchmarks.accuracy.benign import BenignKind as Kind
from benchmarks.accuracy.draw import (
    ALNUM,
    B64,
    BASE32,
    DIGITS,
    HEX_UPPER,
    LOWER_NUM,
    UPPER,
    UPPER_NUM,
    URLSAFE,
    Scene,
)
from benchmarks.accuracy.text import json_object


def _certificate(s: Scene) -> str:
    body = base64.b64encode(b"\x30\x82\x03\x2d\x30\x82\x02\x15" + s.bytes(300)).decode()
    return f"-----BEGIN CERTIFICATE-----\\n{body}\\n-----END CERTIFICATE-----"


def _public_key(s: Scene) -> str:
    body = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + s.b64(261)
    return f"-----BEGIN PUBLIC KEY-----\\n{body}\\n-----END PUBLIC KEY-----"


def _certificate_lines(s: Scene) -> str:
    body = base64.b64encode(b"\x30\x82\x03\x2d" + s.bytes(280)).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])


def _jwks(s: Scene) -> str:
    key = {
        "kty": "RSA",
        "use": "sig",
        "kid": s.hex(32),
        "alg": "RS256",
        "n": s.chars(URLSAFE, 342),
        "e": "AQAB",
    }
    return f"fetched jwks {json.dumps({'keys': [key]})}"


def _cloudtrail(s: Scene) -> str:
    return json_object(
        {
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": f"AROA{s.chars(BASE32, 16)}:{s.service()}",
                "accountId": s.chars(DIGITS, 12),
                "arn": f"arn:aws:sts::{s.chars(DIGITS, 12)}:assumed-role/{s.word()}/{s.service()}",
            },
            "eventName": "GetCallerIdentity",
        }
    )


def _hex_dump(s: Scene) -> str:
    return f"{s.number(0, 4095) * 16:08x}  {' '.join(s.hex(2) for _ in range(8))}  {' '.join(s.hex(2) for _ in range(8))}  |{s.chars(ALNUM + '.', 16)}|"


KINDS = (
    Kind("git sha", lambda s: f"checked out {s.hex(40)} on branch {s.word()}/{s.number(1, 999)}"),
    Kind("git short sha and diff", lambda s: f"index {s.hex(7)}..{s.hex(7)} 100644", prefixed=False),
    Kind(
        "image digest",
        lambda s: f"Pulled image {s.host()}/{s.word()}@sha256:{s.hex(64)} in {s.number(1, 99)}s",
    ),
    Kind("md5 checksum", lambda s: f"checksum ok md5={s.hex(32)} file=/data/{s.word()}.tar.gz"),
    Kind(
        "sha1 sum file",
        lambda s: f"{s.hex(40)}  {s.word()}-{s.number(1, 9)}.{s.number(0, 20)}.whl",
        prefixed=False,
    ),
    Kind("sha512 hash", lambda s: f"hash=sha512:{s.hex(128)}"),
    Kind("pip hash", lambda s: f"    --hash=sha256:{s.hex(64)} \\", prefixed=False),
    Kind("etag", lambda s: f'< ETag: "{s.hex(32)}"', prefixed=False),
    Kind("weak etag", lambda s: f'304 If-None-Match: W/"{s.hex(4)}-{s.chars(URLSAFE, 27)}"'),
    Kind(
        "sri hash",
        lambda s: (
            f'<script src="/{s.word()}.js" integrity="sha384-{s.b64(48)}" crossorigin="anonymous"></script>'
        ),
    ),
    Kind("yarn integrity", lambda s: f"  integrity sha512-{s.b64(64)}", prefixed=False),
    Kind(
        "npm lock integrity",
        lambda s: (
            f'"resolved":"https://registry.npmjs.org/{s.word()}/-/{s.word()}-1.2.3.tgz","integrity":"sha512-{s.b64(64)}"'
        ),
    ),
    Kind(
        "go.sum",
        lambda s: f"github.com/{s.word()}/{s.word()} v1.{s.number(0, 30)}.0 h1:{s.b64(32)}",
        prefixed=False,
    ),
    Kind("uuid", lambda s: f"created order {s.uuid()} for tenant {s.uuid()}"),
    Kind(
        "uuid as key name",
        lambda s: json_object({s.uuid(): {"status": "ok", "n": s.number(1, 9)}, "id": s.uuid()}),
    ),
    Kind("uuid upper case", lambda s: f"CorrelationId={s.uuid().upper()} Duration={s.number(1, 999)}ms"),
    Kind("trace and span", lambda s: f"trace_id={s.hex(32)} span_id={s.hex(16)} sampled=true"),
    Kind("traceparent", lambda s: f"traceparent: 00-{s.hex(32)}-{s.hex(16)}-01"),
    Kind("x-ray header", lambda s: f"X-Amzn-Trace-Id: Root=1-{s.hex(8)}-{s.hex(24)};Sampled=1"),
    Kind("request id", lambda s: f'request_id="{s.chars(ALNUM, 22)}" path={s.path()} status=200'),
    Kind("aws request ids", lambda s: f"x-amz-request-id: {s.chars(UPPER_NUM, 16)} x-amz-id-2: {s.b64(56)}"),
    Kind("cloudfront id", lambda s: f"X-Amz-Cf-Id: {s.chars(URLSAFE, 54)}=="),
    Kind(
        "pod name",
        lambda s: (
            f"Successfully assigned prod/{s.pod()} to ip-10-{s.number(0, 255)}-{s.number(0, 255)}-7.ec2.internal"
        ),
    ),
    Kind("container id", lambda s: f"container_id={s.hex(64)} name={s.service()} state=running"),
    Kind("cgroup path", lambda s: f"/kubepods/burstable/pod{s.uuid()}/{s.hex(64)}"),
    Kind("docker volume", lambda s: f"mount /var/lib/docker/overlay2/{s.hex(64)}/merged"),
    Kind(
        "base64 picture", lambda s: f'"avatar":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA{s.b64(180)}"'
    ),
    Kind("base64 jpeg", lambda s: f"thumb=/9j/4AAQSkZJRgABAQAAAQABAAD{s.b64(150)}"),
    Kind(
        "base64 protobuf",
        lambda s: f"message body (base64) {s.b64(s.number(40, 90))} offset={s.number(1, 10**7)}",
    ),
    Kind("font in css", lambda s: f"url(data:font/woff2;base64,d09GMgABAAAAA{s.b64(120)})"),
    Kind(
        "ssh public key",
        lambda s: f"authorized ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{s.chars(B64, 43)} {s.user()}@laptop",
    ),
    Kind(
        "ssh rsa public key",
        lambda s: f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{s.b64(258)} {s.user()}@{s.host()}",
        prefixed=False,
    ),
    Kind(
        "ssh fingerprint",
        lambda s: (
            f"Accepted publickey for {s.user()} from {s.ip()} port {s.number(1024, 65000)} ssh2: ED25519 SHA256:{s.chars(B64, 43)}"
        ),
    ),
    Kind("ssh md5 fingerprint", lambda s: f"key fingerprint MD5:{':'.join(s.hex(2) for _ in range(16))}"),
    Kind("certificate", _certificate),
    Kind("certificate lines", _certificate_lines, prefixed=False),
    Kind("public key", _public_key),
    Kind("public key field", lambda s: f"public_key={s.b64(32)} peer={s.ip()}:51820"),
    Kind("wireguard peer", lambda s: f"PublicKey = {s.b64(32)}", prefixed=False),
    Kind(
        "certificate serial", lambda s: f"issued serial={':'.join(s.hex(2) for _ in range(18))} CN={s.host()}"
    ),
    Kind("certificate thumbprint", lambda s: f"Thumbprint: {s.chars(HEX_UPPER, 40)}  Subject: CN={s.host()}"),
    Kind("jwks", _jwks),
    Kind(
        "stripe publishable key",
        lambda s: f"checkout init publishableKey=pk_live_{s.chars(ALNUM, 24)} locale=en",
    ),
    Kind(
        "posthog project key",
        lambda s: f"posthog.init('phc_{s.chars(ALNUM, 43)}', {{api_host:'https://eu.posthog.com'}})",
    ),
    Kind(
        "sentry public dsn",
        lambda s: (
            f"Sentry initialised dsn=https://{s.hex(32)}@o{s.number(1000, 999999)}.ingest.sentry.io/{s.number(10**5, 10**7)}"
        ),
    ),
    Kind(
        "recaptcha site key",
        lambda s: f'<div class="g-recaptcha" data-sitekey="6Le{s.chars(URLSAFE, 37)}"></div>',
    ),
    Kind("cloudtrail principal", _cloudtrail, prefixed=False),
    Kind(
        "aws example key",
        lambda s: (
            f"see docs: export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE region={s.pick('us-east-1', 'eu-west-1')}"
        ),
    ),
    Kind(
        "aws example secret",
        lambda _: "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        prefixed=False,
    ),
    Kind(
        "arn",
        lambda s: (
            f"arn:aws:secretsmanager:eu-west-1:{s.chars(DIGITS, 12)}:secret:{s.word()}/db-{s.chars(ALNUM, 6)}"
        ),
    ),
    Kind("kms key arn", lambda s: f"kmsKeyId=arn:aws:kms:us-east-1:{s.chars(DIGITS, 12)}:key/{s.uuid()}"),
    Kind("hex dump", _hex_dump, prefixed=False),
    Kind("memory address", lambda s: f"<{s.word().capitalize()}Handler object at 0x7f{s.hex(10)}>"),
    Kind(
        "java object hash",
        lambda s: f"com.acme.auth.TokenStore@{s.hex(8)} refreshed {s.number(1, 99)} entries",
    ),
    Kind("mongodb object id", lambda s: f"updated _id=ObjectId('{s.hex(24)}') matched=1"),
    Kind(
        "ulid", lambda s: f"event 01{s.chars('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 24)} appended to {s.word()}"
    ),
    Kind("nanoid", lambda s: f"upload_id={s.chars(URLSAFE, 21)} part={s.number(1, 99)}"),
    Kind("youtube id", lambda s: f"GET /watch?v={s.chars(URLSAFE, 11)}&list=PL{s.chars(URLSAFE, 32)} 200"),
    Kind(
        "mime boundary",
        lambda s: f"Content-Type: multipart/form-data; boundary=----WebKitFormBoundary{s.chars(ALNUM, 16)}",
    ),
    Kind("message id", lambda s: f"queued as <{s.chars(URLSAFE, 30)}@{s.host()}> status=sent (250 2.0.0 OK)"),
    Kind(
        "postfix queue id",
        lambda s: (
            f"{s.chars(HEX_UPPER, 10)}: from=<{s.email()}>, size={s.number(100, 99999)}, nrcpt=1 (queue active)"
        ),
    ),
    Kind(
        "csp nonce",
        lambda s: f"Content-Security-Policy: script-src 'self' 'nonce-{s.b64(16)}' 'strict-dynamic'",
    ),
    Kind("websocket accept", lambda s: f"Sec-WebSocket-Accept: {s.b64(20)}"),
    Kind("websocket key", lambda s: f"Sec-WebSocket-Key: {s.b64(16)}"),
    Kind(
        "hdfs block",
        lambda s: (
            f"BLOCK* NameSystem.addStoredBlock: blk_-{s.number(10**18, 9 * 10**18)} size {s.number(1, 67108864)}"
        ),
    ),
    Kind("kafka cluster id", lambda s: f"Cluster ID: {s.chars(URLSAFE, 22)}"),
    Kind(
        "ethereum address",
        lambda s: f"transfer to 0x{s.hex(40)} tx=0x{s.hex(64)} block={s.number(10**6, 10**8)}",
    ),
    Kind(
        "bitcoin address",
        lambda s: f"payout address bc1q{s.chars('qpzry9x8gf2tvdw0s3jn54khce6mua7l', 38)} confirmed",
    ),
    Kind("ipfs cid", lambda s: f"pinned bafybei{s.chars('abcdefghijklmnopqrstuvwxyz234567', 52)}"),
    Kind(
        "license-like serial",
        lambda s: (
            f"device serial {s.chars(UPPER_NUM, 5)}-{s.chars(UPPER_NUM, 5)}-{s.chars(UPPER_NUM, 5)} firmware {s.number(1, 9)}.{s.number(0, 99)}"
        ),
    ),
    Kind(
        "ipv6 and mac",
        lambda s: (
            f"lease 2001:db8:{s.hex(4)}:{s.hex(4)}::{s.hex(4)} mac {':'.join(s.hex(2) for _ in range(6))}"
        ),
    ),
    Kind(
        "iban-free invoice number",
        lambda s: (
            f"invoice INV-{s.number(2020, 2026)}-{s.chars(DIGITS, 8)} ref {s.chars(UPPER, 3)}{s.chars(DIGITS, 9)}"
        ),
    ),
    Kind(
        "bundle file names",
        lambda s: f"GET /static/js/main.{s.hex(20)}.chunk.js 200 /assets/index-{s.chars(URLSAFE, 8)}.css",
    ),
    Kind(
        "webpack hash",
        lambda s: f"Hash: {s.hex(20)} Version: webpack 5.{s.number(1, 99)}.0 Time: {s.number(100, 99999)}ms",
    ),
    Kind("bazel action", lambda s: f"bazel-out/k8-fastbuild/bin/{s.word()}/_objs/{s.hex(64)}/{s.word()}.o"),
    Kind(
        "nix store path",
        lambda s: (
            f"building '/nix/store/{s.chars('0123456789abcdfghijklmnpqrsvwxyz', 32)}-{s.word()}-1.{s.number(0, 9)}.drv'"
        ),
    ),
    Kind("terraform etag", lambda s: f'  ~ etag = "{s.hex(32)}" -> "{s.hex(32)}"', prefixed=False),
    Kind("s3 version id", lambda s: f"versionId={s.chars(ALNUM + '._', 31)}x key=reports/{s.word()}.csv"),
    Kind(
        "google analytics cookie",
        lambda s: (
            f"Cookie: _ga=GA1.2.{s.number(10**8, 10**9)}.{s.number(10**9, 2 * 10**9)}; _gid=GA1.2.{s.number(10**8, 10**9)}.{s.number(10**9, 2 * 10**9)}"
        ),
    ),
    Kind(
        "etcd revision",
        lambda s: (
            f'{{"cluster_id":"{s.number(10**18, 10**19)}","member_id":"{s.number(10**18, 10**19)}","revision":"{s.number(1, 10**7)}"}}'
        ),
    ),
    Kind(
        "snowflake ids",
        lambda s: (
            f"channel={s.number(10**17, 10**18)} message={s.number(10**18, 10**19)} guild={s.number(10**17, 10**18)}"
        ),
    ),
    Kind("lower-case job id", lambda s: f"job_{s.chars(LOWER_NUM, 24)} finished in {s.number(1, 900)} s"),
)
