"""Settings that all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

from s3_parts import breaking_proxy, bucket, in_process, proxy, store  # noqa: F401 - fixtures

# Machines are shared and the first example pays for building a scanner: speed is measured in benchmarks/.
# CI tries the same examples each time, so that it speaks of the change; new ones are tried wherever
# people run the tests.
settings.register_profile("leakscan", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("leakscan")
