"""Placeholders: values that stand where a secret would: masks, references, nulls, samples, sequences.

A placeholder is dropped, so each rule here must be one that random text cannot meet: the tests run
hundreds of thousands of random tokens through it. Weak passwords (`changeme`, `password`, `admin123`,
`12345678`) are secrets in the place of a password and never placeholders.

Not here: published example credentials (`known`), names and paths (`shapes`), prose (`keyed`).

>>> [is_placeholder(v) for v in (b"****", b"${DB_PASSWORD}", b"your-api-key", b"changeme", b"k8F2mQ9zXw")]
[True, True, True, False, False]
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

#: Longer values are text or data; a placeholder fits on a line of its own.
_MAX_LENGTH: Final = 512

_NULLS: Final = frozenset(
    b"null none nil undefined true false n/a na nan empty unset missing absent unknown unspecified void yes "
    b"no on off (null) (none) (nil) (empty) (unset) (not-set) (sensitive) \"\" '' `` [] {} () \\0 not-set "
    b"not_set notset tbd todo fixme nullptr optional.empty %!s(missing) %!v(missing) %!s(<nil>) secretkeyref "
    b"valuefrom".split()
) | {b"not set", b"(sensitive value)", b"(known after apply)"}

#: Words of maskers, alone or in brackets, in any case.
_MASK_WORDS: Final = (
    rb"(?:redacted|filtered|hidden|masked|removed|scrubbed|sanitized|sanitised|obfuscated|censored|omitted|"
    rb"elided|stripped|suppressed|concealed|undisclosed|withheld|sensitive|protected|secure|leakscan|"
    rb"confidential|data not shown|secret)"
)

#: Bytes a mask consists of; bullets, ellipsis, blocks and the like are UTF-8.
_MASK: Final = (
    rb"(?:[*.xX#\-_?~=+ ]|\xe2(?:\x80[\xa2\xa6\xa7]|\x97\x8f|\x96[\x88\xa0\xaa]|\x88[\x97\x99])|\xc2\xb7)"
)

#: What credentials are called, for references in which any other word could be a password.
_CREDENTIAL: Final = rb"(?:pass|pwd|secret|token|key|cred|auth|cookie|session|value|var|env|pin|otp|user)"

_WHOLE: Final = re.compile(
    rb"(?:" + _MASK + rb")+"
    # [REDACTED], <hidden>, {filtered}, [LEAKSCAN:..], ***MASKED***; a bracket may have been cut off
    rb"|(?:[\[(<{]{1,2}|[*_#\-]{2,4}) {0,2}(?i:" + _MASK_WORDS + rb")(?:[: _\-\]>)}*#][^\n]{0,120})?"
    rb"|(?i:redacted(?:[: _\-][^\n]{0,60})?|(?:filtered|masked|hidden|censored|scrubbed|removed|omitted)"
    rb"(?:[: _\-](?:value|pass|secret|token|key|data|by|for|from|due)[^\n]{0,60})?)"
    # partly masked, with what is left of the token on either side
    rb"|[\w.\-]{0,64}(?:\*{3,}|(?:\xe2\x80\xa2|\xe2\x97\x8f){2,})[\w.\-]{0,64}"
    rb"|[\w\-]{0,6}(?:\.{3,}|\xe2\x80\xa6)|[\w\-]{0,12}(?:\.{3,}|\xe2\x80\xa6)[\w\-]{1,12}"
    rb"|(?:[0-9A-Za-z]{1,12}[_\-]){0,4}(?:x{4,}|X{4,})(?:[_\-.]\w{0,12})?"
    # references: shell, make, templates, format strings, SQL parameters
    rb"|\$\{(?:[^\n]{0,200}\}|[A-Za-z_][\w.]{0,80})?|\$\([^\n]{0,200}\)|\$\$?[A-Z][A-Z_]*[0-9]{0,2}"
    rb"|\$[0-9@*#]|`[a-z][\w ./\-$]{0,160}`"
    rb"|\$(?=[A-Za-z_]*" + _CREDENTIAL + rb")(?:[a-z_]+|[a-z]+(?:[A-Z][a-z]+)+)|\$env:[A-Za-z_]{1,40}"
    rb"|\{[{%](?:[^\n]{0,200}[}%]\}| {0,2}\.?[A-Za-z_][a-z_.]{0,80})?|[#@]\{[^\n]{0,200}\}|[#@]\{"
    rb"|\{[a-z_]{0,40}(?:[.:!][a-z_]{1,20})*\}|\{[A-Z_]{1,40}\}|\{[a-z]+(?:[A-Z][a-z]+){1,6}\}|\{[0-9]{1,2}\}"
    rb"|%\([A-Za-z_][\w.]{0,60}\)[sdrifx]?|%[+#\-]?[svdqrxpTtfx@]|%[A-Z_]{2,40}%|%\{[^\n]{0,80}\}"
    rb"|:[a-z]{1,20}(?:_[a-z]{1,20})*|:[0-9]{1,2}|@p?[0-9]{1,2}|@(?=[A-Za-z_]*" + _CREDENTIAL + rb")[a-z_]+"
    rb"|@(?:Value|Secret|Named|Inject|Property|ConfigProperty)(?:\([^\n]{0,200})?|\?{1,3}[0-9]{0,2}"
    rb"|<(?:[a-z][a-z _\-.:/]*|[A-Z][A-Z _\-.:/]*|[A-Z]?[a-z]+(?:[A-Z ][a-z]+){0,6})>?"
    rb"|<[A-Za-z][\w. ]{0,80} at 0x[0-9A-Fa-f]+>?"
    # references to stores of secrets and to code
    rb"|(?i:(?:env|vault|ssm|secretsmanager|keyvault|file|sops|doppler|awssm|gcpsm):(?://)?"
    rb"|(?:op|secret|sm|kms|ref)://)(?=[^:\n]{0,200}[a-zA-Z_/])[A-Za-z_/.][\w/.\-#]{2,160}"
    rb"|ref\+[a-z]{2,16}://[^\n]{1,160}|arn:aws[a-z\-]*:[a-z0-9\-]{1,20}:[^\n]{1,160}"
    rb"|!(?:Ref|Sub|GetAtt|ImportValue|Join|secret|vault|env|include|reference)\b[^\n]{0,160}"
    rb"|(?:self|this|config|cfg|settings|options|opts|args|kwargs|req|request|params|env|process|os|props|ctx|"
    rb"var|vars|local|data|module|secrets|credentials|conf|flask|app)"
    rb"(?:\.(?:[A-Z_]{2,30}|[a-z_]{2,30}|[a-z]{1,20}(?:[A-Z][a-z]+){1,5})){1,6}(?:[\[(][^\n]{0,120})?"
    rb"|(?:os\.|System\.)?[Gg]et_?[Ee]nv\([^\n]{0,120}|ENV\[[^\n]{0,80}"
)

#: Words that mark a sample. Seven letters and more may stand anywhere in a token-like value.
_LONG_WORDS: Final = (b"example", b"placeholder", b"redacted", b"replaceme", b"changethis", b"insertyour")
#: Shorter ones and verbs must stand apart, by delimiters or by capitals.
_SHORT_WORDS: Final = (b"fake", b"dummy", b"sample", b"masked", b"insert", b"replace", b"your")
_TOKEN_LIKE: Final = re.compile(rb"[\w\-+/=.~<> !]{1,160}")
_HOST_AFTER: Final = re.compile(rb"(?i:[.@]|//)example|example\.(?:com|net|org|edu|io|test|local|internal)\b")
_APART: Final = re.compile(
    # delimited on both sides, in one case or capitalised
    rb"(?<![0-9A-Za-z])(?:fake|FAKE|Fake|dummy|DUMMY|Dummy|sample|SAMPLE|Sample|masked|MASKED|insert|INSERT|Insert)(?![0-9A-Za-z])"
    # `your` opens the value or follows an order: put_your_key_here
    rb"|(?:\A|\A.{0,12}(?i:enter|put|insert|add|use|paste|with|set|provide|type)[_\- ]|\A<)"
    rb"(?:your|YOUR|Your)(?![0-9A-Za-z])"
    rb"|(?<![0-9A-Za-z])(?:replace|REPLACE|Replace)[_\- ]?(?:me|ME|Me|this|THIS|This|with|WITH|With)(?![a-z])"
    # a hump of camelCase between others; three letters on the right, as in fakeToken or myDummyKey
    rb"|(?:(?<![0-9A-Za-z])[Ff]ake|(?<=[a-z]{2})Fake)(?=[A-Z][a-z]{2})"
    rb"|(?:(?<![0-9A-Za-z])(?:[Dd]ummy|[Ss]ample|[Yy]our)|(?<=[a-z])(?:Dummy|Sample|Your))(?=[A-Z][a-z]{2})"
    rb"|(?<![0-9A-Za-z])(?:your|YOUR)(?=(?i:api|token|secret|pass|key|access|client|auth|private|own)[\w]{0,24})"
    rb"|(?<![0-9A-Za-z])(?:dummy|sample)(?=(?i:token|secret|pass|key))"
)

#: Delimiters that group a token without being part of its sequence.
_DELIMITERS: Final = b"-_.: /"
_RUN_MIN: Final = 10
_DIGITS_MIN: Final = 12
_REPEAT_MIN: Final = 8
_PERIOD_MAX: Final = 16
#: A sequence shows in its first characters; random text is given up after them.
_LOOK: Final = 6
_ONE_CHARACTER_MIN: Final = 4
#: Below these lengths random hex (or digits) of two distinct characters does turn up.
_TWO_CHARACTERS_MIN: Final = 10
_TWO_DIGITS_MIN: Final = 14
#: Pairs of bytes that stand still or go one up or down; `9` goes on with `0` or `a`, `0` with `1` or
#: `a`, as people type them.
_STEPS: Final = frozenset(
    {(before, after) for before in range(256) for after in range(before - 1, before + 2)}
    | {(57, 48), (57, 97), (57, 65), (48, 97), (48, 65), (102, 48), (70, 48), (122, 48), (122, 65)}
)


def is_placeholder(value: bytes) -> bool:
    """Tell whether a value stands in for a secret instead of being one.

    Args:
        value: the raw bytes of the value, without its quotes.

    """
    value = value.strip()
    if not value or len(value) > _MAX_LENGTH:
        return not value
    lower = value.lower()
    if lower in _NULLS or _WHOLE.fullmatch(value) is not None:
        return True
    return _is_sample(value, lower) or _is_sequence(value)


def _is_sample(value: bytes, lower: bytes) -> bool:
    """Tell whether a word such as EXAMPLE or DUMMY is a clear part of the value."""
    # loops, since each new secret comes by here and `any` costs as much as ten words
    for word in _LONG_WORDS:
        if word in lower:
            return _TOKEN_LIKE.fullmatch(value) is not None and _HOST_AFTER.search(value) is None
    for word in _SHORT_WORDS:
        if word in lower:
            return _TOKEN_LIKE.fullmatch(value) is not None and _APART.search(value) is not None
    return False


def _is_sequence(value: bytes) -> bool:
    """Tell whether the value, or what follows its last delimiter, counts, repeats or stands still."""
    body = value.translate(None, _DELIMITERS)
    if _is_regular(body):
        return True
    tail = value[max(value.rfind(b"-"), value.rfind(b"_")) + 1 :]
    return _RUN_MIN <= len(tail) < len(body) and _is_regular(tail)


def _is_regular(text: bytes) -> bool:
    size = len(text)
    if size < _ONE_CHARACTER_MIN:
        return False
    distinct = len(set(text))
    if distinct == 1:
        return True
    digits = text.isdigit()
    if distinct == 2:  # noqa: PLR2004 - two is two
        return size >= (_TWO_DIGITS_MIN if digits else _TWO_CHARACTERS_MIN)
    # a period shows as the first eight characters coming again
    period = text.find(text[:_REPEAT_MIN], 1, _PERIOD_MAX + _REPEAT_MIN)
    if period > 0 and text[period:] == text[:-period]:
        return True
    if size < (_DIGITS_MIN if digits else _RUN_MIN) or _steps(text[:_LOOK]) < _LOOK // 2:
        return False
    steps = _steps(text)
    return steps == size - 1 if digits else steps * 10 >= (size - 1) * 9


def _steps(text: bytes) -> int:
    """Count the neighbours that stand still or go one up or down."""
    return sum(map(_STEPS.__contains__, pairwise(text)))
