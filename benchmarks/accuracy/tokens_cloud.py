"""Tokens of clouds, hosting, networks, databases and observability."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from benchmarks.accuracy.checks import crc16, crc32, crc_base62, crc_base64, crc_hex, crc_hex_little, marvin32
from benchmarks.accuracy.draw import ALNUM, B64, BASE32, BASE32_LOWER, HEX, LOWER_NUM, UPPER_NUM, URLSAFE
from benchmarks.accuracy.kinds import Make, TokenKind, template

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene


def _azure_storage(scene: Scene) -> str:
    # 57 random bytes, the signature in three, then the checksum in four
    raw = scene.bytes(57) + base64.b64decode("+ASt")
    return base64.b64encode(raw + marvin32(raw, b"Default0")).decode()


def _cloudflare(prefix: str) -> Make:
    def make(scene: Scene) -> str:
        body = scene.chars(ALNUM, 40)
        return prefix + body + crc_hex(body)

    return make


def _vercel(prefix: str) -> Make:
    def make(scene: Scene) -> str:
        body = scene.chars(ALNUM, 50)
        return prefix + body + crc_base62(body)

    return make


def _grafana_service_account(scene: Scene) -> str:
    head = f"glsa_{scene.chars(ALNUM, 32)}"
    return f"{head}_{crc_hex_little(head)}"


def _grafana_cloud(scene: Scene) -> str:
    body = {
        "o": str(scene.number(10**5, 10**6)),
        "n": scene.word(),
        "k": scene.chars(ALNUM, 32),
        "m": {"r": "us"},
    }
    return "glc_" + base64.b64encode(json.dumps(body, separators=(",", ":")).encode()).decode()


def _grafana_legacy(scene: Scene) -> str:
    body = {"k": scene.chars(ALNUM, 32), "n": scene.word(), "id": scene.number(1, 9)}
    return base64.b64encode(json.dumps(body, separators=(",", ":")).encode()).decode()


def _sentry_org(scene: Scene) -> str:
    body = {
        "iat": scene.number(16 * 10**8, 18 * 10**8) + 0.5,
        "url": "https://sentry.io",
        "region_url": "https://us.sentry.io",
        "org": scene.word(),
    }
    return f"sntrys_{base64.b64encode(json.dumps(body).encode()).decode()}_{scene.b64(32).rstrip('=')}"


def _confluent(scene: Scene) -> str:
    body = scene.chars(B64, 54)
    return "cflt" + body + crc_base64(body)


def _nats_seed(scene: Scene) -> str:
    raw = bytes([0x90 | 0x14 >> 1 >> 4, (20 << 3) & 0xFF]) + scene.bytes(32)  # seed of a user: reads SU..
    raw = bytes([18 << 3 | 20 * 8 >> 5, (20 * 8 & 31) << 3]) + raw[2:]
    return base64.b32encode(raw + crc16(raw)).decode().rstrip("=")


def _atlassian(prefix: str) -> Make:
    def make(scene: Scene) -> str:
        head = f"{prefix}{scene.chars(URLSAFE, 170, 180)}="
        return f"{head}{crc32(head):08X}"

    return make


def _session_token(scene: Scene) -> str:
    return base64.b64encode(b"!\n\torigin" + scene.bytes(scene.number(300, 450))).decode()


def _aws_appsync_free(scene: Scene) -> str:
    return "da2-" + scene.chars(LOWER_NUM, 26)


KINDS = (
    template("aws-access-key", "AKIA", (BASE32, 16)),
    template("aws-temporary-key", "ASIA", (BASE32, 16)),
    template("aws-bearer-key", "ABIA", (BASE32, 16)),
    TokenKind("aws-session-token", _session_token),
    TokenKind("aws-appsync", _aws_appsync_free, glued=True),
    template("aws-bedrock-long", "ABSK", (B64, 128), (ALNUM, 1)),
    template("aws-mws", "amzn.mws.", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12)),
    TokenKind("azure-storage", _azure_storage),
    template("azure-storage-altered", (B64, 76), "+ASt", (B64, 5), ("AQgw", 1), "=="),
    template("azure-cosmos", (B64, 76), "ACDb", (B64, 5), ("AQgw", 1), "=="),
    template("azure-redis", (ALNUM, 33), "AzCa", ("ABCDEFGHIJKLMNOP", 1), (ALNUM, 5), "="),
    template("azure-search", (ALNUM, 42), "AzSe", ("ABCD", 1), (ALNUM, 5)),
    template("azure-functions", (ALNUM, 44), "AzFu", (ALNUM, 5), ("AQgw", 1), "=="),
    template("azure-container-registry", (ALNUM, 42), "+ACR", ("ABCD", 1), (ALNUM, 5)),
    template("azure-service-bus", (ALNUM, 33), "+ASb", ("ABCDEFGHIJKLMNOP", 1), (ALNUM, 5), "="),
    template("azure-event-hub", (ALNUM, 33), "+AEh", ("ABCDEFGHIJKLMNOP", 1), (ALNUM, 5), "="),
    template("azure-iot", (ALNUM, 33), "AIoT", ("ABCDEFGHIJKLMNOP", 1), (ALNUM, 5), "="),
    template(
        "azure-cask",
        (ALNUM, 52),
        "JQQJ99",
        (ALNUM, 1),
        ("ABCDEFGHIJKL", 1),
        (ALNUM, 16),
        ("AQgw", 1),
        (ALNUM, 7),
    ),
    template("azure-ad-client-secret", (ALNUM, 3), ("78", 1), "Q~", (ALNUM + "_~.-", 33), (ALNUM, 1)),
    template("gcp-api-key", "AIzaSy", (URLSAFE, 32), (ALNUM, 1)),
    template("gcp-oauth-secret", "GOCSPX-", (URLSAFE, 27), (ALNUM, 1)),
    template("gcp-oauth-access", "ya29.a0", (URLSAFE, 150, 210), (ALNUM, 1)),
    template("gcp-oauth-refresh", "1//0", (LOWER_NUM, 1), (URLSAFE, 97), (ALNUM, 1)),
    template("alibaba-access-key", "LTAI5t", (ALNUM, 18)),
    template("digitalocean-pat", "dop_v1_", (HEX, 64)),
    template("digitalocean-oauth", "doo_v1_", (HEX, 64)),
    template("digitalocean-refresh", "dor_v1_", (HEX, 64)),
    TokenKind("cloudflare-user", _cloudflare("cfut_"), glued=True),
    TokenKind("cloudflare-account", _cloudflare("cfat_"), glued=True),
    TokenKind("cloudflare-global", _cloudflare("cfk_"), glued=True),
    template("cloudflare-user-altered", "cfut_", (ALNUM, 40), (HEX, 8)),
    template("cloudflare-origin-ca", "v1.0-", (HEX, 24), "-", (HEX, 146)),
    TokenKind("vercel-personal", _vercel("vcp_"), glued=True),
    TokenKind("vercel-integration", _vercel("vci_"), glued=True),
    template("vercel-personal-altered", "vcp_", (ALNUM, 56)),
    template("netlify", "nfp_", (ALNUM, 36)),
    template("render", "rnd_", (ALNUM, 28)),
    template("heroku", "HRKU-AA", (URLSAFE, 57), (ALNUM, 1)),
    template("flyio", "fm2_", (B64, 120), (ALNUM, 1)),
    template("scalingo", "tk-us-", (URLSAFE, 47), (ALNUM, 1)),
    template("upcloud", "ucat_", (UPPER_NUM, 26)),
    template("yandex-api-key", "AQVN", (URLSAFE, 35), (ALNUM, 1)),
    template("tailscale-auth", "tskey-auth-k", (ALNUM, 11), "CNTRL-", (ALNUM, 32)),
    template("planetscale-token", "pscale_tkn_", (URLSAFE, 42), (ALNUM, 1)),
    template("planetscale-password", "pscale_pw_", (URLSAFE, 42), (ALNUM, 1)),
    template("neon", "napi_", (LOWER_NUM, 64)),
    template("supabase-personal", "sbp_", (HEX, 40)),
    template("supabase-secret", "sb_secret_", (ALNUM, 22), "_", (ALNUM, 8)),
    template("mongodb-atlas-service", "mdb_sa_sk_", (URLSAFE, 39), (ALNUM, 1)),
    template("datastax-astra", "AstraCS:", (ALNUM, 24), ":", (HEX, 64)),
    template("clickhouse-cloud", "4b1d", (ALNUM, 38)),
    template("databricks", "dapi", (HEX, 32)),
    template("databricks-suffixed", "dapi", (HEX, 32), "-", ("23", 1)),
    TokenKind("confluent", _confluent),
    TokenKind("nats-user-seed", _nats_seed, glued=True),
    template("elastic-cloud", "essu_", (ALNUM, 80)),
    TokenKind("grafana-service-account", _grafana_service_account),
    template("grafana-service-account-altered", "glsa_", (ALNUM, 32), "_", (HEX, 8)),
    TokenKind("grafana-cloud", _grafana_cloud),
    TokenKind("grafana-legacy", _grafana_legacy),
    TokenKind("sentry-org", _sentry_org),
    template("sentry-user", "sntryu_", (HEX, 64)),
    template("newrelic-user", "NRAK-", (UPPER_NUM, 27)),
    template("newrelic-insert", "NRII-", (URLSAFE, 31), (ALNUM, 1)),
    template("dynatrace", "dt0c01.", (BASE32, 24), ".", (BASE32, 64)),
    template("posthog-personal", "phx_", (ALNUM, 43)),
    template("rootly", "rootly_", (HEX, 64)),
    TokenKind("atlassian-api", _atlassian("ATATT3xFfGF0")),
    template("atlassian-api-altered", "ATATT3xFfGF0", (URLSAFE, 171), "=", (HEX.upper(), 8)),
    TokenKind("bitbucket-repository", _atlassian("ATCTT3xFfGN0")),
    template("zuplo", "zpka_", (HEX, 32), "_", (HEX, 8)),
    template("onesignal", "os_v2_app_", (BASE32_LOWER, 103)),
    template("contentful", "CFPAT-", (URLSAFE, 42), (ALNUM, 1)),
    template("defined-networking", "dnkey-", (LOWER_NUM, 26), "-", (LOWER_NUM, 52)),
    template("harness", "pat.", (URLSAFE, 22), ".", (HEX, 24), ".", (ALNUM, 20)),
)
