"""The accuracy harness: made-up secrets in log lines, an answer key, and a score for every scanner found.

It shares no code and no constant with the scanner or its rules: formats are written from the vendors' own
documents, so that a wrong rule shows. Run `python -m benchmarks.accuracy.score --help` from the project root.
"""
