"""Key names: which identifiers name a secret, and of what kind. `accessToken` does, `max_tokens` does not.

An identifier is split into words at `_`, `-`, `.` and at camel-case humps, and judged by its words:
so `monkey`, `keyword`, `token_type` and `password_min_length` stay quiet without a list of each.

Not here: where an identifier stands in a line (`keyed`), what its value must look like (`values`).

>>> classify(b"X-Api-Key"), classify(b"db.password"), classify(b"max_tokens")
('token', 'password', None)
"""

from __future__ import annotations

import re
from typing import Final, Literal

from .anchors import KEY_OF

Kind = Literal["password", "token", "authorization", "auth", "cookie", "pin", "signature", "session"]

_WORDS: Final = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_PASSWORD: Final = frozenset(
    b"password passwd pass pwd passphrase passcode pswd psw pw passwort userpassword dbpassword userpass "
    b"dbpass bindpw rootpw dbpw userpw adminpw ldappw dbpwd userpwd mypassword rootpassword "
    b"adminpassword passwords contrasena motdepasse senha requirepass masterauth".split()
)
_TOKEN: Final = frozenset(
    b"token secret secrets apikey apitoken authtoken accesstoken refreshtoken idtoken sessiontoken "
    b"usertoken bearertoken privatekey secretkey accesskey accountkey masterkey appkey appsecret "
    b"clientsecret apisecret credential credentials creds jwt bearer sharedaccesskey encryptionkey "
    b"signingkey authkey apitokens phpsessid jsessionid sessid sessiontokens secretaccesskey "
    b"webhooksecret sharedsecret authcode accesssecret consumersecret".split()
)
#: Words before `pass` that make it a password, and not a turn or a verdict.
_PASS_OF: Final = frozenset(
    b"user username db database smtp imap pop mail email mysql pg pgsql postgres postgresql mssql "
    b"sql oracle redis mongo mongodb rabbitmq amqp kafka elastic es ldap bind root admin sudo su ssh "
    b"ftp sftp http https proxy basic auth login account app service api web wifi wpa psk key "
    b"keystore truststore cert ssl tls jks vault git docker registry master new old current my the "
    b"your confirm test dev prod default pass win windows domain ad ad_bind bot client server host "
    b"router switch vpn".split()
)
#: Words that `pass` makes a password with.
_PASS_WORDS: Final = frozenset(b"word phrase code".split())
_PIN: Final = frozenset(b"pin otp totp cvv cvv2 cvc cvc2 passcode pincode otpcode mfacode".split())
_PIN_CODES: Final = frozenset(
    b"pin mfa otp totp verification security sms tfa 2fa authentication auth login backup recovery "
    b"onetime".split()
)
#: Words after the key word that make it the name of something about a secret, not of the secret.
_ABOUT: Final = frozenset(
    b"type types id ids name names length len size count counts limit limits min max minimum maximum "
    b"expires expiry expiration expired expire exp ttl age lifetime url urls uri endpoint host domain "
    b"path paths file files filename filepath dir directory folder policy policies version versions "
    b"status state states scope scopes issuer issued header headers prefix suffix format alg algorithm "
    b"algo kind method methods mode modes strategy provider providers manager managers service services "
    b"store stored vault reset resets change changed changes update updated updates create created "
    b"creates delete deleted at on date time timestamp timeout enabled disable disabled required require "
    b"requires valid invalid validity validated validation error errors failed failure failures attempts "
    b"attempt retries retry used usage field fields label hint hints strength rotation rotated rule "
    b"rules encoder validator factory handler filter class interceptor index indices budget remaining "
    b"per ratio rate price cost position pos span set unset missing present exists found empty null sent "
    b"received verified verification check checks checked matches match mismatch similarity score regex "
    b"pattern column columns table event events action actions page pages button form input placeholder "
    b"text title message messages code codes info details description desc reference ref refs arn source "
    b"sources target source_type source_id version_id bits bytes chars characters generation generator "
    b"generated generate request requests response responses cache cached hash hashed hashes digest "
    b"fingerprint thumbprint checksum hits misses total sum avg average mean p50 p95 p99 seconds ms "
    b"millis counter gauge metric metrics rotate renewal renew refresh_at last next prev first owner "
    b"user username users email group role roles audience subject kid key_id num number manager_id "
    b"bucket region account_id plugin module helper util utils impl interface config configuration "
    b"settings option options flag flags property properties params param argument args complexity "
    b"history expiring lookup kinds supported allowed denied grant grants granted authenticator location "
    b"loc offset line row key keys stdin prompt fd cmd command callback env via by for".split()
)
#: Words right before the key word that make it something else: counters, pagination, cross-site tokens.
_NOT_BEFORE: Final = frozenset(
    b"max min num total count input output prompt completion public page next previous prev continuation "
    b"cursor csrf xsrf nonce idempotency dedup unexpected cancellation lexer parse parser syntax bad "
    b"invalid unknown missing expected reserved used avg average mean remaining cached reasoning stop "
    b"pad eos bos cls mask sep special per sync resume no without has is was not forgot get need needs "
    b"require requires hashed amz existing pull encrypted masked redacted hidden show hide trace span "
    b"request correlation dist hash".split()
)
_SESSION_HEADERS: Final = ([b"x", b"session", b"id"], [b"x", b"auth", b"session"])
_COOKIE_WORDS: Final = frozenset(
    b"session sess sid sessid sessionid auth token jwt remember login ticket sso identity connect "
    b"phpsessid jsessionid aspxauth sessiontoken accesstoken refreshtoken idtoken authtoken xoxd access "
    b"refresh bearer secret apikey cfduid laravel rack rememberme userauth aspnetcore".split()
)
_COOKIE_NOT: Final = frozenset(
    b"csrf xsrf csrftoken theme lang locale consent type expires expiry count ga gid utm visited start "
    b"started timeout method state status name redirect nonce".split()
)


def words(identifier: bytes) -> list[bytes]:
    """Split an identifier into lower-case words: `X-AuthToken` gives `x`, `auth`, `token`."""
    return [word.lower() for word in _WORDS.findall(identifier)]


def classify(identifier: bytes) -> Kind | None:
    """Return what kind of secret an identifier names, None when it names no secret."""
    parts = words(identifier)
    if parts[-3:] in _SESSION_HEADERS:
        return "token"
    if parts[-2:] == [b"session", b"id"] or parts[-1:] == [b"sessionid"]:
        return "session"
    for place in range(len(parts) - 1, -1, -1):
        kind = _kind_at(parts, place)
        if kind is None:
            continue
        after, before = parts[place + 1 :], parts[max(0, place - 1) : place]
        if any(word in _ABOUT for word in after):
            return None
        is_pass = parts[place] == b"pass"
        if is_pass and before and before[0] not in _PASS_OF and not identifier.isupper():
            return None  # `first_pass`, `fds_to_pass`; but `DEPLOY_PASS` in an environment
        if after and (kind == "signature" or (is_pass and after[0] not in _PASS_WORDS)):
            return None  # `sig2`, `pass_rate`, `pass_through`
        if kind != "cookie" and any(word in _NOT_BEFORE for word in before):
            return None
        return kind
    return None


def is_session_cookie(name: bytes) -> bool:
    """Tell whether a cookie of this name stands for a login: `connect.sid` does, `theme` does not."""
    parts = words(name)
    if any(part in _COOKIE_NOT for part in parts):
        return False
    if any(part in _COOKIE_WORDS for part in parts):
        return True
    joined = b"".join(parts)
    return any(
        word in joined
        for word in (b"sessid", b"session", b"aspxauth", b"authtoken", b"accesstoken", b"aspnetcorecookies")
    )


def _kind_at(parts: list[bytes], place: int) -> Kind | None:
    word = parts[place]
    before = parts[place - 1] if place else b""
    # run-together names as in PGPASSWORD, DBPASSWD, APPSECRET have no hump to split at
    if word in _PASSWORD or word.endswith((b"password", b"passwd", b"passphrase")):
        return "password"
    if word in _TOKEN or word.endswith(b"secret"):
        return "token"
    if word == b"key" and before in KEY_OF:
        return "token"
    if word in {b"authorization", b"authorisation"}:
        return "authorization"
    if word == b"auth":
        return "auth"
    if word == b"cookie":
        return "cookie"
    if word in _PIN or (word == b"code" and before in _PIN_CODES):
        return "pin"
    if word in {b"sig", b"signature"}:
        return "signature"
    return None
