r"""Names and text in SQL as ClickHouse reads it. Nothing that a row holds can end a literal.

>>> print(quoted("it's\n"), identifier("a`b"), table_name("logs", "my table"))
'it\'s\x0a' `a\`b` `logs`.`my table`
"""

from __future__ import annotations


def quoted(text: str) -> str:
    """Return text as a string literal in printable characters; undecodable bytes come as they were."""
    return "'" + "".join(_character(character, "\\'") for character in text) + "'"


def identifier(name: str) -> str:
    """Return a name, always in quotes: any word may be one of the language's own some day."""
    return "`" + "".join(_character(character, "\\`") for character in name) + "`"


def table_name(database: str, table: str) -> str:
    """Return the full name of a table."""
    return f"{identifier(database)}.{identifier(table)}"


def _character(character: str, marks: str) -> str:
    if character in marks:
        return "\\" + character
    if character.isprintable():
        return character
    raw = character.encode("utf-8", "surrogateescape" if "\udc80" <= character <= "\udcff" else "replace")
    return "".join(f"\\x{byte:02x}" for byte in raw)
