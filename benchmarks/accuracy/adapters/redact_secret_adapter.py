"""Runs inside redact-secret's environment: prints the text of each finding, whatever its action.

It gets one line at a time, as its logging adapter would: given the whole file, one private key that is cut
off makes it mask the rest of the log, which is neither fair to it nor a find.
"""

import json
import sys
from pathlib import Path

import redact_secret

for number, line in enumerate(Path(sys.argv[1]).read_bytes().decode().split("\n"), 1):
    for found in redact_secret.scan(line):
        print(json.dumps({"line": number, "text": line[found.start : found.end]}))
