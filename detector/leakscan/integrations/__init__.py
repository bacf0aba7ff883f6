"""Loggers: secrets taken out of log records inside the process that writes them. One module a logger.

Each is imported by its own name, so that only the one in use needs its package:
`leakscan.integrations.logging`, `.structlog`, `.loguru`, `.opentelemetry`.

All keep to the same rules: a clean record passes as it is; nothing is raised into the application; what
could not be scanned is masked (`[LEAKSCAN:unscanned reason=..]`), never written as it is.
"""
