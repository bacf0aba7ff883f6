"""The errors leakscan raises on purpose. Each one reads as a single line that says what to do.

Not here: exceptions of the standard library for programming errors (`TypeError`, `ValueError`), and
exit codes, which belong to the command.

No error ever carries log content: a message may name a file, a rule and a position, never a value.
"""

from __future__ import annotations


class LeakscanError(Exception):
    """Base of every error that a caller of leakscan may want to catch."""


class RuleError(LeakscanError):
    """A rule file or a rule in it is unusable. Names the file, the rule and the reason."""

    def __init__(self, source: str, rule: str | None, reason: str) -> None:
        """Build the one-line message `source: rule 'id': reason`."""
        self.source = source
        self.rule = rule
        self.reason = reason
        where = f"{source}: rule {rule!r}" if rule else source
        super().__init__(f"{where}: {reason}")


class EngineError(LeakscanError):
    """The prefilter engine that was asked for is not available or cannot take the rules."""


class SourceError(LeakscanError):
    """An input could not be opened or read to its end. Names the input and the reason."""

    def __init__(self, path: str, reason: str) -> None:
        """Build the one-line message `path: reason`."""
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class ConfigError(LeakscanError):
    """A configuration, baseline or key file is unusable. Names the file and the reason."""
