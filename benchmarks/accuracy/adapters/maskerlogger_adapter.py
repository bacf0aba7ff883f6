"""Runs inside maskerlogger's environment: formats each line as a record and prints what it masked."""

import json
import logging
import sys
from itertools import groupby
from pathlib import Path

from maskerlogger import MaskerFormatter

formatter = MaskerFormatter("%(message)s")
for number, line in enumerate(Path(sys.argv[1]).read_bytes().decode().split("\n"), 1):
    # the record's arguments stay empty, so a percent sign is text
    masked = formatter.format(logging.LogRecord("x", logging.INFO, "x", 1, line, None, None))
    if masked == line or len(masked) != len(line):
        continue
    changed = [index for index, (old, new) in enumerate(zip(line, masked, strict=True)) if old != new]
    for _, group in groupby(enumerate(changed), lambda pair: pair[1] - pair[0]):
        run = [index for _, index in group]
        print(json.dumps({"line": number, "text": line[run[0] : run[-1] + 1], "char": run[0]}))
