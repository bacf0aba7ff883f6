"""The Fluent Forward relay: messages come over a connection, are rewritten, and go on over one to upstream.

Nothing is kept: a client that asks for an ack gets upstream's, and nobody else's.

Not here: messages and what is taken out of them (`sidecar.codecs`), HTTP (`sidecar.proxy`).
"""
