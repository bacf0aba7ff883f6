"""The sidecar: a redacting reverse proxy that any log pipeline can put in front of its store.

Stateless and synchronous: the client is answered with what upstream answered, so whatever delivery
guarantee the shipper has, it keeps. `codecs` are pure functions, and can be used without the proxy.

Not here: what a secret is (`scanner`, `records`).
"""
