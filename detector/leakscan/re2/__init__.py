r"""Regexes in the syntax of Go (RE2): read into a tree, written for Python, and what literals they need.

Go and Python agree on most; they differ in flags that begin in the middle of a group, `\z`, `\Q..\E`,
POSIX classes, named groups and braces that are no repeat. A line is the whole text here, so `^` and `$`
are its start and end. What has no counterpart (Unicode classes, `\C`, the flag U) is refused.

Not here: rules (`gitleaks`), matching (`match`).

>>> from leakscan.re2.read import parse
>>> from leakscan.re2.write import write
>>> write(parse(r"(?i)api(?-i)_[[:digit:]]{4}\z"))
'(?i:api)_[0-9]{4}(?m:$)'
"""
