"""leakscan inside other programs and loggers: one module for each, loaded only by who uses it.

The loggers (`.logging`, `.structlog`, `.loguru`, `.opentelemetry`) keep to the same rules: a clean record
passes as it is; nothing is raised into the application; what could not be scanned is masked
(`[LEAKSCAN:unscanned reason=..]`), never written as it is.
"""
