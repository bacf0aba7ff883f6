"""Grafana's base64 JSON tokens: Cloud access policies (`glc_`) and the older API keys (`eyJrIjoi`).

    glc_  + base64({"o": organisation, "n": name, "k": key, "m": {"r": region}})
            base64({"k": key, "n": name, "id": organisation})

Sources: https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/
(prefix); the keys were seen in decoded samples. There is no checksum: True means that it decodes to
an object with the key and its owner.
"""

from __future__ import annotations

from .base64text import json_object

_PREFIX = b"glc_"


def grafana_glc(secret: bytes) -> bool | None:
    """Check that the token decodes to JSON with the members of its kind."""
    cloud = secret.startswith(_PREFIX)
    if not cloud and not secret.startswith(b"eyJ"):
        return None
    members = json_object(secret.removeprefix(_PREFIX))
    if members is None:
        return False
    owner = "o" if cloud else "id"
    return isinstance(members.get("k"), str) and isinstance(members.get("n"), str) and owner in members
