"""The judge: how sure we are that a token which matched a rule is a secret.

Not here: keyed values, which have no format to check (`values`).
"""

from __future__ import annotations

from .finding import Confidence
from .reasons import Reason
from .rules import Rule
from .validators import validate
from .validators.entropy import shannon
from .validators.known import is_public
from .validators.placeholder import is_placeholder


def judge(rule: Rule, secret: bytes) -> Confidence | None:
    """Return the confidence that `secret` is real, None when it is a placeholder or a public example.

    A check that holds makes it certain. One that fails lowers `high` to `medium` and never drops it:
    most samples seen in the wild are altered or of a newer scheme.
    """
    if objection(rule, secret) is not None:
        return None
    holds = validate(rule.validator, secret) if rule.validator else None
    if holds:
        return "certain"
    if holds is False and rule.confidence == "high":
        return "medium"
    return rule.confidence


def objection(rule: Rule, secret: bytes) -> Reason | None:
    """Return why a token that matched a rule is no secret, None when nothing speaks against it."""
    if is_placeholder(_body(rule, secret)):
        return Reason.PUBLIC if is_public(secret) else Reason.PLACEHOLDER
    if is_public(secret):
        return Reason.PUBLIC
    if rule.entropy and shannon(secret) < rule.entropy:
        return Reason.ENTROPY
    return None


def _body(rule: Rule, secret: bytes) -> bytes:
    """Return the secret without the prefix that names its vendor."""
    for keyword in rule.keywords:
        if secret.startswith(keyword):
            return secret[len(keyword) :]
    return secret
