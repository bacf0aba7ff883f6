"""What to do with a secret that was exposed, in a sentence, where its rule links to no page or besides it.

Not here: the pages (each rule file has that of its vendor).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from leakscan.rules import Rule

_BY_GRAMMAR: Final = {
    "password": "Change it everywhere it is used, also where another account has the same.",
    "token": "Revoke it at the service that gave it out, or replace it wherever it is checked.",
    "bearer": "Revoke it at the service that gave it out; if it cannot, change the key that signs it.",
    "basic": "Change the password of the account; the name before it is not secret.",
    "authorization": "Revoke it at the service that gave it out.",
    "cookie": "End the session at the service; if it cannot, change the key that signs them.",
    "userinfo": "Change the password at the server of the address, then wherever the address is kept.",
    "pin": "Void the code, and see whether it was used while it was good.",
}
_BY_PROVIDER: Final = {
    "Private key": "Replace the pair: trust the new public key wherever the old one was, then remove the old "
    "one; have certificates of the old key revoked by who issued them.",
    "JWT": "End the session if the service can; if it expires late, change the key that signs it.",
    "Password hash": "Change the password, also where it is used elsewhere: a hash can be tried offline.",
    "Personal data": "Nothing to revoke: delete it from the logs, and see whether the loss must be reported.",
}
_ELSE: Final = "Make a new one where it was made, put it to use, then delete the old one."


def advice(rule: Rule | None, provider: str) -> str:
    """Return what to do with a secret of a rule, None for a rule that is not at hand."""
    grammar = rule.grammar if rule is not None else None
    return _BY_GRAMMAR.get(grammar or "") or _BY_PROVIDER.get(provider) or _ELSE
