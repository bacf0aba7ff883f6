"""Runs inside scrubbers' environment: prints, line by line, the stretches that it masked."""

import difflib
import json
import sys
from pathlib import Path

import scrubbers

for number, line in enumerate(Path(sys.argv[1]).read_bytes().decode().split("\n"), 1):
    masked = scrubbers.scrub_text(line)
    if masked == line:
        continue
    for tag, start, end, *_ in difflib.SequenceMatcher(None, line, masked, autojunk=False).get_opcodes():
        if tag in ("replace", "delete"):
            print(json.dumps({"line": number, "text": line[start:end], "char": start}))
