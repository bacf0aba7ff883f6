"""The judge: how sure we are that a token which matched a rule is a secret.

Not here: keyed values, which have no format to check (`values`).
"""

from __future__ import annotations

from .finding import Confidence
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
    if is_placeholder(_body(rule, secret)) or is_public(secret):
        return None
    if rule.entropy and shannon(secret) < rule.entropy:
        return None
    holds = validate(rule.validator, secret) if rule.validator else None
    if holds:
        return "certain"
    if holds is False and rule.confidence == "high":
        return "medium"
    return rule.confidence


def _body(rule: Rule, secret: bytes) -> bytes:
    """Return the secret without the prefix that names its vendor."""
    for keyword in rule.keywords:
        if secret.startswith(keyword):
            return secret[len(keyword) :]
    return secret
