"""Validators: offline checks of one token each, by name. A check that holds makes a finding certain.

Each module holds one family and is imported the first time one of its names is asked for: a scan
that meets no Azure key never pays for Marvin32.

Not here: whether a value looks like a secret at all (`entropy`, `randomness`, `placeholder`, `shapes`,
`known`), and anything that needs a network: leakscan never asks a provider.

>>> validate("github", b"ghp_" + b"A" * 36)
False
>>> validate("no-such-check", b"x") is None
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_SECRET", "NAMES", "validate"]

#: Longest secret that is looked at, in bytes. An RSA key of 16,384 bits is 13 KB of PEM; the decoders
#: below stay under a millisecond up to here.
MAX_SECRET: Final = 16_384

#: Name of a check -> module of this package. The function in it has the name of the check.
_MODULES: Final = {
    "age": "age",
    "atlassian": "crc32_hex",
    "aws_access_key": "aws",
    "aws_session": "aws",
    "azure_client_secret": "azure",
    "azure_marvin": "azure",
    "cloudflare": "crc32_hex",
    "confluent": "confluent",
    "discord": "discord",
    "github": "crc32_base62",
    "github_fine_grained": "github_fine_grained",
    "gitlab_routable": "gitlab",
    "grafana_glc": "grafana_cloud",
    "grafana_glsa": "crc32_hex",
    "iban": "iban",
    "jfrog": "jfrog",
    "jwt": "jwt",
    "luhn": "luhn",
    "nkey": "nkey",
    "npm": "crc32_base62",
    "onepassword_sa": "onepassword",
    "openai_project": "openai",
    "pem": "pem",
    "phone": "phone",
    "pypi": "pypi",
    "sentry_org": "sentry",
    "slack": "slack",
    "ssn": "ssn",
    "telegram": "telegram",
    "vercel": "crc32_base62",
    "zuplo": "crc32_hex",
}

#: Every name that `validate` knows.
NAMES: Final = frozenset(_MODULES)

#: Functions found so far: a memo of imports, never of secrets.
_loaded: dict[str, Callable[[bytes], bool | None]] = {}


def validate(name: str, secret: bytes) -> bool | None:
    """Run the check called `name` on one secret.

    Args:
        name: one of `NAMES`; an unknown name says nothing (rules are checked against `NAMES` at load).
        secret: the raw bytes of the token, decoded, without quotes.

    Returns:
        True: the check holds, the finding is certain.
        False: it fails: confidence is lowered. Never a reason to drop the finding, since most leaked
        samples in the wild are altered.
        None: cannot say: another generation of the format, truncated, or too long (`MAX_SECRET`).

    Never raises on any bytes.

    """
    check = _loaded.get(name)
    if check is None:
        module = _MODULES.get(name)
        if module is None:
            return None
        check = _loaded[name] = getattr(import_module(f"{__name__}.{module}"), name)
    if len(secret) > MAX_SECRET:
        return None
    return check(secret)
