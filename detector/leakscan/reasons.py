"""Reasons: why a candidate came to nothing. Words for `explain`, given by the steps that drop candidates.

Not here: the steps themselves (`boundary`, `match`, `judge`, `keyed`, `values`, `resolve`, `scanner`).
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a candidate was dropped; the value is how it reads."""

    BOUNDARY = "it is a part of a longer word"
    REGEX = "what follows does not match the regex"
    PLACEHOLDER = "a placeholder"
    PUBLIC = "a published example"
    ENTROPY = "its characters are too few or too even for the rule's entropy"
    CHECK = "its check digits or ranges do not hold"
    KEY = "its key names no secret"
    SHAPE = "no value stands where the shape would have it"
    NAME = "another name stands where the value would"
    CREDENTIAL = "no credential follows"
    COOKIE = "no cookie of a session"
    TAKEN_OUT = "it is redacted already"
    REFERENCE = "a reference to a value kept elsewhere"
    STATE = "a word that says something about a secret"
    SHORT = "too short"
    LONG = "too long"
    PATH = "a path or URL"
    HOST = "an address, host or version"
    TIME = "a time or an amount"
    CODE = "code, or the name of a class or object"
    NUMBER = "a number"
    DIGEST = "a digest of something"
    PROSE = "prose"
    PREDICTABLE = "not random enough for a token"
    OTHER = "it does not look like a secret"
    BASE64 = "what it decodes to holds no secret"
    PEM = "no body of a private key follows"
    RULE_OFF = "its rule is turned off"
    OVERLAPPED = "a more specific rule has it"
    CONFIDENCE = "below --min-confidence"
    ALLOWED = "allowed"
