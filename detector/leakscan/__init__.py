"""leakscan finds credentials in log lines and takes them out before the logs are shipped.

>>> from leakscan import Scanner
>>> Scanner().scan(b"nothing to see here")
[]
"""

from __future__ import annotations

from .allow import Allow
from .errors import ConfigError, EngineError, LeakscanError, RuleError, SourceError
from .finding import Confidence, Finding, Severity
from .rules import Rule, load_rules
from .scanner import Scanner
from .stream import Stream

__version__ = "0.1.0"

__all__ = [
    "Allow",
    "Confidence",
    "ConfigError",
    "EngineError",
    "Finding",
    "LeakscanError",
    "Rule",
    "RuleError",
    "Scanner",
    "Severity",
    "SourceError",
    "Stream",
    "load_rules",
]
