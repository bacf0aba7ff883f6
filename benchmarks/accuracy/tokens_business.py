"""Tokens of payments, commerce, messages, mail, documents and other business services."""

# ruff: noqa: E501 - lines of logs and rows of tables stay whole

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from benchmarks.accuracy.draw import ALNUM, DIGITS, HEX, LOWER_NUM, UPPER_NUM, URLSAFE
from benchmarks.accuracy.kinds import TokenKind, template
from benchmarks.accuracy.text import core

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene


def _discord_bot(scene: Scene) -> str:
    user = base64.b64encode(str(scene.number(10**17, 10**18)).encode()).decode().rstrip("=")
    return f"{user}.{scene.chars(ALNUM, 6)}.{scene.chars(URLSAFE, 37)}{scene.chars(ALNUM, 1)}"


def _ops_service_account(scene: Scene) -> str:
    body = (
        f'{{"signInAddress":"{scene.word()}.1password.com","userAuth":{{"method":"SRPg-4096"}},'
        f'"email":"{scene.chars(LOWER_NUM, 13)}@1passwordserviceaccounts.com","srpX":"{scene.hex(64)}",'
        f'"muk":{{"alg":"A256GCM","k":"{scene.chars(URLSAFE, 43)}"}},"secretKey":"A3-{scene.chars(UPPER_NUM, 32)}"}}'
    )
    return "ops_" + base64.b64encode(body.encode()).decode().rstrip("=")


def _uuid_after(prefix: str) -> TokenKind:
    return TokenKind(prefix.strip("-_."), lambda scene: prefix + scene.uuid())


def _slack_webhook(scene: Scene) -> str:
    path = f"T{scene.chars(UPPER_NUM, 10)}/B{scene.chars(UPPER_NUM, 10)}"
    return f"https://hooks.slack.com/services/{path}/{core(scene.chars(ALNUM, 24))}"


def _discord_webhook(scene: Scene) -> str:
    secret = scene.chars(URLSAFE, 67) + scene.chars(ALNUM, 1)
    return f"https://discord.com/api/webhooks/{scene.chars(DIGITS, 19)}/{core(secret)}"


def _teams_webhook(scene: Scene) -> str:
    groups = f"{scene.uuid()}@{scene.uuid()}"
    return f"https://acme.webhook.office.com/webhookb2/{groups}/IncomingWebhook/{core(scene.hex(32))}/{scene.uuid()}"


def _zapier_webhook(scene: Scene) -> str:
    return f"https://hooks.zapier.com/hooks/catch/{scene.chars(DIGITS, 8)}/{core(scene.chars(LOWER_NUM, 7))}/"


def _workato(scene: Scene) -> str:
    head, claims = (
        b'{"alg":"RS256"}',
        f'{{"sub":"{scene.uuid()}","iat":{scene.number(16 * 10**8, 18 * 10**8)}}}',
    )
    parts = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (head, claims.encode()))
    return f"wrkaus-{'.'.join(parts)}.{scene.chars(URLSAFE, 341)}{scene.chars(ALNUM, 1)}"


KINDS = (
    template("stripe-live", "sk_live_", (ALNUM, 24)),
    template("stripe-live-long", "sk_live_51", (ALNUM, 97)),
    template("stripe-restricted", "rk_live_", (ALNUM, 24)),
    template("stripe-test", "sk_test_51", (ALNUM, 97)),
    template("stripe-webhook", "whsec_", (ALNUM, 32)),
    template("square-access", "sq0atp-", (ALNUM, 22)),
    template("square-secret", "sq0csp-", (URLSAFE, 42), (ALNUM, 1)),
    template("square-eaaa", "EAAA", (URLSAFE, 59), (ALNUM, 1)),
    template("braintree-access", "access_token$production$", (LOWER_NUM, 16), "$", (HEX, 32)),
    template("flutterwave", "FLWSECK_TEST-", (HEX, 32), "-X"),
    template("duffel", "duffel_live_", (URLSAFE, 42), (ALNUM, 1)),
    template("easypost", "EZAK", (ALNUM, 54)),
    template("shippo", "shippo_live_", (HEX, 40)),
    template("shopify-admin", "shpat_", (HEX, 32)),
    template("shopify-custom", "shpca_", (HEX, 32)),
    template("shopify-shared", "shpss_", (HEX, 32)),
    template("shopify-private", "shppa_", (HEX, 32)),
    template("slack-bot", "xoxb-", (DIGITS, 12), "-", (DIGITS, 13), "-", (ALNUM, 24)),
    template("slack-user", "xoxp-", (DIGITS, 12), "-", (DIGITS, 12), "-", (DIGITS, 13), "-", (HEX, 32)),
    template("slack-app", "xapp-1-A", (UPPER_NUM, 10), "-", (DIGITS, 13), "-", (HEX, 64)),
    template("slack-config", "xoxe.xoxp-1-", (ALNUM, 163)),
    template("slack-session", "xoxc-", (DIGITS, 12), "-", (DIGITS, 13), "-", (DIGITS, 13), "-", (HEX, 64)),
    TokenKind("slack-webhook", _slack_webhook),
    TokenKind("discord-webhook", _discord_webhook),
    TokenKind("teams-webhook", _teams_webhook),
    TokenKind("discord-bot", _discord_bot),
    template("telegram-bot", ("123456789", 1), (DIGITS, 9), ":AA", (URLSAFE, 32), (ALNUM, 1)),
    template("sendgrid", "SG.", (URLSAFE, 21), (ALNUM, 1), ".", (URLSAFE, 42), (ALNUM, 1)),
    template("sendinblue", "xkeysib-", (HEX, 64), "-", (ALNUM, 16)),
    template("mailgun", "key-", (HEX, 32)),
    template("mailchimp", (HEX, 32), "-us", ("12", 1), (DIGITS, 1)),
    template("mailersend", "mlsn.", (HEX, 64)),
    template("resend", "re_", (ALNUM, 8), "_", (ALNUM, 24)),
    template("facebook", "EAAM", (ALNUM, 160, 200)),
    template("notion", "ntn_", (DIGITS, 11), (ALNUM, 35)),
    template("linear", "lin_api_", (ALNUM, 40)),
    template("airtable-pat", "pat", (ALNUM, 14), ".", (HEX, 64)),
    template("asana-figma", "figd_", (URLSAFE, 39), (ALNUM, 1)),
    template("typeform", "tfp_", (URLSAFE, 44), "_", (ALNUM, 14)),
    template("readme", "rdme_", (LOWER_NUM, 70)),
    template("frameio", "fio-u-", (URLSAFE, 63), (ALNUM, 1)),
    template("hubspot", "pat-na1-", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12)),
    template("segment", "sgp_", (ALNUM, 64)),
    template("clickup", "pk_", (DIGITS, 8), "_", (UPPER_NUM, 32)),
    template("mapbox-secret", "sk.eyJ1Ijoi", (ALNUM, 60), ".", (ALNUM, 22)),
    template(
        "plaid", "access-production-", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12)
    ),
    template("adafruit", "aio_", (ALNUM, 28)),
    template("adobe-client-secret", "p8e-", (ALNUM, 32)),
    TokenKind("onepassword-service", _ops_service_account),
    template(
        "onepassword-secret-key",
        "A3-",
        (UPPER_NUM, 6),
        "-",
        (UPPER_NUM, 6),
        "-",
        (UPPER_NUM, 5),
        "-",
        (UPPER_NUM, 5),
        "-",
        (UPPER_NUM, 5),
        "-",
        (UPPER_NUM, 5),
    ),
    template("zoho", "1000.", (HEX, 32), ".", (HEX, 32)),
    template("lob-live", "live_", (HEX, 35)),
    template("intra42", "s-s4t2ud-", (HEX, 64)),
    template("stackhawk", "hawk.", (ALNUM, 20), ".", (ALNUM, 20)),
    template("dropbox-short", "sl.", (URLSAFE, 134), (ALNUM, 1)),
    template(
        "wakatime-new", "waka_", (HEX, 8), "-", (HEX, 4), "-4", (HEX, 3), "-8", (HEX, 3), "-", (HEX, 12)
    ),
    _uuid_after("RGAPI-"),
    TokenKind("zapier-webhook", _zapier_webhook),
    template("cfxre", "cfxk_", (ALNUM, 20), "_", (ALNUM, 6)),
    template("ubidots", "BBFF-", (ALNUM, 30)),
    TokenKind("workato", _workato),
    template("x-bearer", "AAAAAAAAAAAAAAAAAAAAA", (ALNUM, 24), "%3D", (ALNUM, 66)),
)
