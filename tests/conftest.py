"""Settings that all tests share."""

from __future__ import annotations

from hypothesis import settings

# Machines are shared and the first example pays for building a scanner: speed is measured in benchmarks/.
settings.register_profile("leakscan", deadline=None)
settings.load_profile("leakscan")
