"""Runs inside detect-secrets' environment: prints the line of each finding.

Its command reports a line and a hash of the secret. The text in memory is no better: for several of its
detectors it is one group of the pattern (`ghp` for a whole GitHub token). So the line counts, in its
favour.
"""

import json
import sys

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

with default_settings():
    for found in scan_file(sys.argv[1]):
        print(json.dumps({"line": found.line_number, "text": ""}))
