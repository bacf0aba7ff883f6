"""The keyed grammar's anchors: what the prefilter looks for so that `keyed` sees every keyed value.

Each is a key word (or `://`, `Bearer`, `-p` ..) followed by just enough of the shape around it to be
rare in clean logs: the separator and the first byte of a value. The bare words would select every
other line.

Not here: how hyperscan is given the costly ones (`spelled`), what a candidate turns out to be (`keyed`).
"""

from __future__ import annotations

from itertools import product
from typing import Final, Literal

from .prefilter import Anchor

Form = Literal[
    "password", "token", "option", "sql", "userinfo", "scheme", "pin", "login", "short", "oracle", "netrc",
    "go-dsn", "auth", "pgpass", "listed", "chpasswd", "argument", "pass", "imap", "paren", "letters",
]  # fmt: skip

#: How many bytes of the value an anchor of these forms holds. Shorter values are no secrets, and the
#: `null`, `ok` and `Bearer` that stand in every line of a JSON log never get as far as Python.
VALUE_SIZE: Final[dict[str, int]] = {"password": 4, "token": 8, "letters": 12, "pin": 3}

#: Key words that may be followed by more of an identifier (`password2`, `secret_value`).
PASSWORD_WORDS: Final = (
    b"password", b"passwords", b"passwd", b"passphrase", b"passcode", b"passwort", b"pwd", b"pswd", b"psw",
    b"pass", b"pw", b"password_confirmation", b"password_confirm", b"password_again", b"password_repeat",
    b"password_value", b"password_text", b"password_plain", b"password_new", b"password_old", b"contrasena",
    b"motdepasse", b"senha", b"requirepass",
)  # fmt: skip
TOKEN_WORDS: Final = (
    b"secret", b"secrets", b"token", b"credential", b"credentials", b"creds", b"jwt", b"auth", b"sig",
    b"signature", b"secret_value", b"secret_string", b"secret_data", b"token_value", b"token_string",
    b"secretvalue", b"secretstring", b"secretdata", b"tokenvalue", b"tokenstring",
    b"sessid", b"sessionid", b"session-id", b"session_id",
)  # fmt: skip
HEADER_WORDS: Final = (b"authorization", b"authorisation", b"cookie")
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
#: How the names of options begin that are one word, or have it after a hyphen (`--db-password`), and
#: those with words joined in other ways (`--api_key`, `--dbpass`): to look for any name with such a word
#: would be to look for the word wherever it stands.
OPTION_NAMES: Final = (
    b"pass", b"secret", b"token", b"key", b"pwd", b"auth", b"credential", b"otp", b"pin",
    *(
        first + joint + second
        for first, seconds in (
            (b"api", b"key token secret pass"), (b"access", b"key token"), (b"auth", b"key token pass"),
            (b"secret", b"key"), (b"private", b"key token"), (b"shared", b"key secret"),
            (b"db", b"pass pwd"), (b"root", b"pass pwd"), (b"admin", b"pass pwd token"),
            (b"user", b"pass pwd token"), (b"client", b"key secret"), (b"app", b"key secret token"),
            (b"bot", b"token"), (b"hf", b"token"), (b"github", b"token"), (b"gh", b"token"),
            (b"gitlab", b"token"), (b"slack", b"token"), (b"aws", b"secret"), (b"service", b"token key"),
            (b"account", b"key token"), (b"master", b"key pass"), (b"encryption", b"key"),
            (b"signing", b"key"), (b"license", b"key"), (b"refresh", b"token"), (b"bearer", b"token"),
            (b"session", b"token secret"), (b"webhook", b"secret"), (b"deploy", b"key token"),
            (b"mysql", b"pass pwd"), (b"redis", b"pass"), (b"smtp", b"pass"), (b"proxy", b"pass"),
            (b"registry", b"pass token"), (b"vault", b"token"), (b"store", b"pass"), (b"keystore", b"pass"),
        )
        for second in seconds.split()
        for joint in (b"", b"_")
    ),
)  # fmt: skip
_PIN_WORDS: Final = (b"pin", b"otp", b"totp", b"cvv", b"cvc", b"code")
_SCHEMES: Final = (b"bearer", b"basic")

_PASSWORD: Final = rb"(?i:" + b"|".join((*PASSWORD_WORDS, *HEADER_WORDS)) + rb")"
_TOKEN: Final = rb"(?i:" + b"|".join(TOKEN_WORDS) + rb")"
SPACED_KEY: Final = rb"(?:api|access|secret|private) key"
_KEY: Final = rb"(?i:(?:" + b"|".join(KEY_OF) + rb")[_\-.]?key|" + SPACED_KEY + rb")"
#: The rest of an identifier. A small letter makes another word of it (`tokens`, `passed`), and `_type`,
#: `_reset`, `_expires_in` stand in every line of a JSON log; the few such names that do hold secrets are
#: among the words.
MORE: Final = rb"[A-Za-z0-9_.\-]*"
#: Of a password's name: capitals and digits (`PASSWORD_MYSQL`, `password2`, `passwordProd`).
_SUFFIX: Final = rb"(?:(?:[_\-]?[A-Z0-9]|\.[A-Za-z])" + MORE + rb")?"
#: Of a token's: no capital without a joint, which can only be looked for wherever the word stands.
_NUMBERED: Final = rb"(?:(?:[_\-][A-Z0-9]|[0-9]|\.[A-Za-z])" + MORE + rb")"
#: First byte of a value: no quote, bracket or separator.
FIRST: Final = rb"""[^\s"'\\\[({<`=:>,\])};&\x00]"""
# No loop has an upper bound: to count costs hyperscan more than a bound spares.
QUOTES: Final = rb"""["'\\\]`*]*[ \t]*"""
_SEPARATOR: Final = rb"(?:=>|:=|==|->|[=:>])"
SAID: Final = rb"""[ ](?:is|was|set[ ]to|changed[ ]to|reset[ ]to):?[ ]+["'`]"""
#: PHP's `s:8:"password";s:5:"x"`; name and value as lines of an escaped text.
AFTER_QUOTE: Final = rb"(?:;s:[0-9]+:|(?:\\+r)?\\+n(?:\\+r)?\\+n)"
#: What may open a value; letters before a quote are those of `b'x'`, `N'x'`, `string(5) "x"`, `Some("x")`.
OPEN: Final = (
    rb"""[ \t]*(?:\[\]string\{)?["'\\\[({<`]*"""
    rb"""(?:(?:[bBuUrRfFN]+|string\([0-9]+\)[ ]|[A-Z][A-Za-z.]+\()\\*["'])?"""
)
SHORT_OPEN: Final = rb"""[ \t]*["'\\\[({<`]*"""
_PLAIN: Final = rb"(?:" + QUOTES + _SEPARATOR + b"|" + SAID + rb"""|\\*["']""" + AFTER_QUOTE + rb")" + OPEN
#: Quotes and separators that are percent-, JSON- or HTML-encoded.
_QUOTE: Final = rb"(?:%2[27]|%5[Dd]|%2522|&quot;|&#3[49];|\\+u002[27])"
_ENCODED: Final = (
    rb"(?:" + _QUOTE + rb"?(?:%3[ADad]|%253[ADad]|\\+u003[adeADE]|&#61;|&gt;)|" + _QUOTE + rb"[ ]?[:=])"
    rb"(?:" + _QUOTE + rb"""|%20|%5[Bb]|%7[Bb]|%2520|&lt;|[ "'\\\[({<])*"""
)
#: Key and value as siblings: `"key":"password","value":"x"`, `<add key="Password" value="x"/>`.
BESIDE: Final = rb"""[ \t]?,?[ \t]?\\*["']?(?i:value)["'\\]*[ \t]*[:=][ \t]*["'\\\[({<`]*"""
SHAPES: Final = b"(?:" + _PLAIN + b"|" + _ENCODED + rb"""|\\*["']""" + BESIDE + b")"
_REST_OF_PASSWORD: Final = rb"[^\r\n]{3}"
REST_OF_TOKEN: Final = rb"[^\s\"']{7}"
_PLAIN_NUMBERED: Final = _NUMBERED + QUOTES + _SEPARATOR + SHORT_OPEN
OPTION_VALUE: Final = MORE + rb"""[ ]{1,2}["'\\]*[^\s"'\\\-=\[<|]"""
_OPTION: Final = rb"(?i:-(?:" + b"|".join(OPTION_NAMES) + rb"))" + OPTION_VALUE
_SQL: Final = (
    rb"(?i:identified[ ]{1,2}(?:with[ ][^ \n]+[ ])?(?:by|as)[ ]{1,2}(?:password[ ])?"
    rb"|password(?:[ ]{1,2}(?:for[ ][^ \n]+[ ])?(?:=[ ]?)?(?:password[ ]?)?\(?|\()[ ]?)"
    rb"""(?:\\*["']|u0027)[^\s"'\\]"""
)
_USERINFO: Final = rb":(?:\\*/){2}[^\s/@:\"'<>\\]*(?::|%3[Aa])[^\s@\"'<>]+@"
_SCHEME: Final = rb"(?i:bearer|basic)(?:[ +:=]|%20|\\?u0020){1,3}[A-Za-z0-9+/._~%\-]{8}"
_PIN: Final = rb"(?i:pin|otp|totp|cvv|cvc|code)[0-9]?" + SHAPES + rb"[0-9]{3}"
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
LISTED_WORDS: Final = (*PASSWORD_WORDS, *HEADER_WORDS, *TOKEN_WORDS, b"key", b"otp", b"pin", b"cvv")
GAP: Final = rb"(?:[ \t]|\\+[nrt])*"
NEXT_STRING: Final = GAP + rb"""[bBuU]?\\*(?:"[^"\n]*"|'[^'\n]*')[ \t]*[^:= \t]"""
_LISTED: Final = (
    rb"(?i:" + b"|".join(LISTED_WORDS) + rb""")\\*["']""" + GAP + rb"(?:\]|," + NEXT_STRING + rb")"
)
#: The anchors with the form in which `keyed` reads each.
KEYED_ANCHORS: Final[tuple[tuple[Form, Anchor], ...]] = (
    (
        "password",
        Anchor((*PASSWORD_WORDS, *HEADER_WORDS), _PASSWORD + _SUFFIX + SHAPES + FIRST + _REST_OF_PASSWORD),
    ),
    (
        "token",
        Anchor(
            (*TOKEN_WORDS, *_KEY_LITERALS),
            b"(?:"
            + _TOKEN
            + b"|"
            + _KEY
            + b")(?:"
            + _PLAIN_NUMBERED
            + b"|"
            + SHAPES
            + b")"
            + FIRST
            + REST_OF_TOKEN,
        ),
    ),
    ("letters", Anchor(())),  # a part of `token`, which only an engine with expressions tells apart
    ("option", Anchor(tuple(b"-" + name for name in OPTION_NAMES), _OPTION)),
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
    ("listed", Anchor(LISTED_WORDS, _LISTED)),
)
