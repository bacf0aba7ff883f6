"""The keyed grammar's anchors: what the prefilter looks for so that `keyed` sees every keyed value.

Each is a key word (or `://`, `Bearer`, `-p` ..) followed by just enough of the shape around it to be
rare in clean logs: the separator and the first byte of a value. The bare words would select every
other line.

Not here: what a candidate turns out to be (`keyed`).
"""

from __future__ import annotations

from itertools import product
from typing import Final, Literal

from .prefilter import Anchor

Form = Literal[
    "password", "token", "option", "sql", "userinfo", "scheme", "pin", "login", "short", "oracle", "netrc",
    "go-dsn", "auth", "pgpass", "listed", "chpasswd", "argument", "pass", "imap", "paren",
]  # fmt: skip

#: How many bytes of the value an anchor of these forms holds. Shorter values are no secrets, and the
#: `null`, `ok` and `Bearer` that stand in every line of a JSON log never get as far as Python.
VALUE_SIZE: Final[dict[str, int]] = {"password": 4, "token": 8, "pin": 3}

#: Key words that may be followed by more of an identifier (`password2`, `secret_value`).
_PASSWORD_WORDS: Final = (
    b"password", b"passwords", b"passwd", b"passphrase", b"passcode", b"passwort", b"pwd", b"pswd", b"psw",
    b"pass", b"pw", b"password_confirmation", b"password_confirm", b"password_again", b"password_repeat",
    b"password_value", b"password_text", b"password_plain", b"password_new", b"password_old", b"contrasena",
    b"motdepasse", b"senha", b"requirepass",
)  # fmt: skip
_TOKEN_WORDS: Final = (
    b"secret", b"secrets", b"token", b"credential", b"credentials", b"creds", b"jwt", b"auth", b"sig",
    b"signature", b"secret_value", b"secret_string", b"secret_data", b"token_value", b"token_string",
    b"sessid", b"sessionid", b"session-id", b"session_id",
)  # fmt: skip
_HEADER_WORDS: Final = (b"authorization", b"authorisation", b"cookie")
#: Words that together with `key` name a secret.
KEY_OF: Final = (
    b"api", b"access", b"secret", b"private", b"encryption", b"encrypt", b"decryption", b"signing",
    b"sign", b"master", b"account", b"shared", b"auth", b"app", b"application", b"service",
    b"subscription", b"storage", b"deploy", b"consumer", b"functions", b"function", b"host", b"admin",
    b"server", b"hmac", b"crypto", b"session", b"license", b"licence", b"webhook", b"client", b"ssh",
    b"aes", b"rsa", b"ssl", b"tls", b"write", b"read", b"ingest", b"integration", b"sas", b"data",
    b"developer", b"dev", b"user", b"project", b"org", b"stripe", b"openai", b"sendgrid", b"datadog", b"dd",
)  # fmt: skip
_KEY_LITERALS: Final = (
    *(word + joint + b"key" for word, joint in product(KEY_OF, (b"", b"_", b"-", b"."))),
    b"api key",
    b"access key",
    b"secret key",
    b"private key",
)
_PIN_WORDS: Final = (b"pin", b"otp", b"totp", b"cvv", b"cvc", b"code")
_SCHEMES: Final = (b"bearer", b"basic")

_PASSWORD: Final = rb"(?i:" + b"|".join((*_PASSWORD_WORDS, *_HEADER_WORDS)) + rb")"
_TOKEN: Final = rb"(?i:" + b"|".join(_TOKEN_WORDS) + rb")"
_SPACED: Final = rb"(?:api|access|secret|private) key"
_KEY: Final = rb"(?i:(?:" + b"|".join(KEY_OF) + rb")[_\-.]?key|" + _SPACED + rb")"
#: The same for an engine that needs no literal first; `keys` judges the word before `key`.
_ANY_KEY: Final = rb"(?i:" + b"|".join(_TOKEN_WORDS) + rb"|[a-z0-9][_\-.]?key|" + _SPACED + rb")"
#: The rest of an identifier: capitals and digits (`PASSWORD_MYSQL`, `token2`, `secretValue`). A small
#: letter makes another word of it (`tokens`, `passed`), and `_type`, `_reset`, `_expires_in` stand in
#: every line of a JSON log; the few such names that do hold secrets are among the words.
_SUFFIX: Final = rb"(?:(?:[_\-]?[A-Z0-9]|\.[A-Za-z])[A-Za-z0-9_.\-]*)?"
#: First byte of a value: no quote, bracket or separator.
_FIRST: Final = rb"""[^\s"'\\\[({<`=:>,\])};&\x00]"""
_PLAIN: Final = (
    rb"""(?:["'\\\]`*]*[ \t]*(?:=>|:=|==|->|[=:>])"""
    rb"""|[ ](?:is|was|set[ ]to|changed[ ]to|reset[ ]to):?[ ]+["'`]"""
    rb"""|\\*["'];s:[0-9]{1,5}:|\\*["'](?:\\+r)?\\+n(?:\\+r)?\\+n)"""
    rb"""[ \t]*(?:\[\]string\{)?["'\\\[({<`]*"""
    # letters before the quote: `b'x'`, `N'x'`, `string(5) "x"`, `Some("x")`
    rb"""(?:(?:[bBuUrRfFN]{1,2}|string\([0-9]{1,5}\)[ ]|[A-Z][A-Za-z.]{1,24}\()\\*["'])?"""
)
#: Quotes and separators that are percent-, JSON- or HTML-encoded.
_QUOTE: Final = rb"(?:%2[27]|%5[Dd]|%2522|&quot;|&#3[49];|\\+u002[27])"
_ENCODED: Final = (
    rb"(?:" + _QUOTE + rb"?(?:%3[ADad]|%253[ADad]|\\+u003[adeADE]|&#61;|&gt;)|" + _QUOTE + rb"[ ]?[:=])"
    rb"(?:" + _QUOTE + rb"""|%20|%5[Bb]|%7[Bb]|%2520|&lt;|[ "'\\\[({<])*"""
)
#: Key and value as siblings: `"key":"password","value":"x"`, `<add key="Password" value="x"/>`.
_SIBLING: Final = rb"""\\*["'][ \t]?,?[ \t]?\\*["']?(?i:value)["'\\]*[ \t]*[:=][ \t]*["'\\\[({<`]*"""
# Joined into one pattern, and the encoded forms bound to their first byte: apart, or with loops over
# mixed classes, the same words take two to four times as long.
_VALUE: Final = _SUFFIX + b"(?:" + _PLAIN + b"|" + _ENCODED + b"|" + _SIBLING + b")" + _FIRST
_REST_OF_PASSWORD: Final = rb"[^\r\n]{3}"
_REST_OF_TOKEN: Final = rb"[^\s\"']{7}"
_OPTION: Final = (
    rb"--[A-Za-z0-9_.\-]*(?i:pass|secret|token|key|pwd|auth|credential|otp|pin)[A-Za-z0-9_.\-]*"
    rb"[ ]{1,2}[\"'\\]*[^\s\"'\\\-=\[<|]"
)
_SQL: Final = (
    rb"(?i:identified[ ]{1,2}(?:with[ ][^ \n]+[ ])?(?:by|as)[ ]{1,2}(?:password[ ])?"
    rb"|password(?:[ ]{1,2}(?:for[ ][^ \n]+[ ])?(?:=[ ]?)?(?:password[ ]?)?\(?|\()[ ]?)"
    rb"""(?:\\*["']|u0027)[^\s"'\\]"""
)
_USERINFO: Final = rb":(?:\\*/){2}[^\s/@:\"'<>\\]*(?::|%3[Aa])[^\s@\"'<>]+@"
_SCHEME: Final = rb"(?i:bearer|basic)(?:[ +:=]|%20|\\?u0020){1,3}[A-Za-z0-9+/._~%\-]{8}"
_PIN: Final = (
    rb"(?i:pin|otp|totp|cvv|cvc|code)[0-9]?(?:" + _PLAIN + b"|" + _ENCODED + b"|" + _SIBLING + rb")[0-9]{3}"
)
_LOGIN: Final = rb"(?:-u|-U|--user|--proxy-user)[ =]?[\"'\\]*[^\s:\"'\\\-]+:[\"'\\]*[^\s\"'\\/:]"
_SHORT: Final = rb"[ ](?:-p|-a|-w)[ ]?[\"'\\]*[^\s\"'\\\-]"
_ORACLE: Final = rb"jdbc:oracle:[a-z]{2,8}:[^\s/@:\"']+/[^\s@/\"']"
_NETRC: Final = rb"(?i:login)[ \t]+[^\s]+[ \t]+(?i:password)[ \t]+[^\s]"
_GO_DSN: Final = rb"@(?:tcp|unix)\("
_AUTH: Final = rb"AUTH[\"']?[ ]+(?:(?:PLAIN|LOGIN|plain|login)[ ]+)?[\"']?[^\s\"']{4}"
_PGPASS: Final = rb"pgpass[^\n:]*:(?:[0-9]{1,5}|\*):[^\s:]+:[^\s:]+:[^\s]"
_CHPASSWD: Final = rb"\|[ ]*(?:sudo[ ]+)?chpasswd"
_HTPASSWD: Final = rb"htpasswd[ ]+-[A-Za-z]*b[A-Za-z]*[ ]+[^ \n]+[ ]+[^ \n]+[ ]+[\"']?[^\s\"']"
_NET_USER: Final = rb"net[ ]+user[ ]+[^ \n/]+[ ]+[^\s/*]"
_PASS: Final = rb"[\"'>]PASS[ ][^\s\"']"
_IMAP: Final = rb"LOGIN[ ]+[\"']?[^\s\"']+[\"']?[ ]+[\"']?[^\s\"']"
_PAREN: Final = rb"\((?i:password|passwd|pwd|pass)[ ][^\s)]"
#: A key name as a string in a list: its value is the next string (`("authorization", "Bearer x")`), or
#: stands in a list beside. A string before a colon is a key, and the one before it a mere value.
_LISTED: Final = (
    b"(?:" + _PASSWORD + b"|" + _TOKEN + rb"|(?i:key|otp|pin|cvv))" + _SUFFIX
    + rb"""\\*["'](?:[ \t]|\\+[nrt])*"""
    + rb"""(?:\]|,(?:[ \t]|\\+[nrt])*[bBuU]?\\*(?:"[^"\n]*"|'[^'\n]*')[ \t]*[^:= \t])"""
)  # fmt: skip

#: The anchors with the form in which `keyed` reads each.
KEYED_ANCHORS: Final[tuple[tuple[Form, Anchor], ...]] = (
    ("password", Anchor((*_PASSWORD_WORDS, *_HEADER_WORDS), _PASSWORD + _VALUE + _REST_OF_PASSWORD)),
    (
        "token",
        Anchor(
            (*_TOKEN_WORDS, *_KEY_LITERALS),
            b"(?:" + _TOKEN + b"|" + _KEY + b")" + _VALUE + _REST_OF_TOKEN,
            _ANY_KEY + _VALUE + _REST_OF_TOKEN,
        ),
    ),
    ("option", Anchor((b"--",), _OPTION)),
    ("sql", Anchor((b"identified ", b"password"), _SQL)),
    ("userinfo", Anchor((b"://", b":\\/\\/", b":\\\\/"), _USERINFO)),
    ("scheme", Anchor(_SCHEMES, _SCHEME)),
    ("pin", Anchor(_PIN_WORDS, _PIN)),
    ("login", Anchor((b"-u", b"-U", b"--user", b"--proxy-user"), _LOGIN)),
    ("short", Anchor((b" -p", b" -a", b" -w"), _SHORT)),
    ("oracle", Anchor((b"jdbc:oracle:",), _ORACLE)),
    ("netrc", Anchor((b"login",), _NETRC)),
    ("go-dsn", Anchor((b"@tcp(", b"@unix("), _GO_DSN)),
    ("auth", Anchor((b"AUTH",), _AUTH)),
    ("pgpass", Anchor((b"pgpass",), _PGPASS)),
    ("chpasswd", Anchor((b"|",), _CHPASSWD)),
    ("argument", Anchor((b"htpasswd",), _HTPASSWD)),
    ("argument", Anchor((b"net ",), _NET_USER)),
    ("pass", Anchor((b'"PASS', b"'PASS", b">PASS"), _PASS)),
    ("imap", Anchor((b"LOGIN",), _IMAP)),
    ("paren", Anchor((b"(pass", b"(pwd"), _PAREN)),
    (
        "listed",
        Anchor(
            (*_PASSWORD_WORDS, *_HEADER_WORDS, *_TOKEN_WORDS, b"key", b"otp", b"pin", b"cvv"),
            _LISTED,
        ),
    ),
)
