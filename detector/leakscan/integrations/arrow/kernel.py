"""The kernel: one batch in, its findings or the batch without its secrets out.

Not here: which rows may hold a secret (`selection`), the values of cells (`cells`), streams of batches
(`batches`).
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
import pyarrow as pa

from leakscan.embedded import START
from leakscan.enginecache import own_cache
from leakscan.integrations.engine import Engine
from leakscan.jsonpath import render
from leakscan.lines import WINDOW, Block
from leakscan.redact import UnscannableError
from leakscan.siblings import named
from leakscan.text import encode
from leakscan.walk import Walk

from .cells import (
    ColumnError,
    dictionaries,
    has_bytes_behind_nulls,
    holds_text,
    replaced,
    stored,
    taken,
)
from .selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leakscan.finding import Finding
    from leakscan.redact import Failure, Style
    from leakscan.scanner import Scanner

#: Selected rows whose values are in Python's hands at once.
_TOGETHER: Final = 1024


class Place(NamedTuple):
    """Something to tell of a row.

    Attributes:
        row: its index in its batch.
        column: the name of the column; of an error None.
        finding: what was found, None for an error.
        error: why the row could not be scanned to its end.

    """

    row: int
    column: str | None
    finding: Finding | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Kernel:
    """A scanner with what selects its rows. Safe to share between threads."""

    scanner: Scanner
    selection: Selection

    @classmethod
    def of(cls, scanner: Scanner) -> Kernel:
        """Return the kernel of a scanner, which takes a tenth of a second to make; the last few are kept."""
        return _kernel_for(scanner)

    def places(self, batch: pa.RecordBatch, columns: Sequence[str] | None) -> Iterator[Place]:
        """Give the findings of a batch in the order of its rows.

        Raises:
            ColumnError: a column is not there or cannot be read.

        """
        chosen = _chosen(batch.schema, columns)
        # the last prefix that fits is the longest: `$.a` is also one of `$.a.b`, a column `a.b` is not
        paths = {render((None, one.key)): one.name for one in chosen}
        for row, record in self._records(batch, chosen):
            walk = self._walk(None, "block")
            try:
                walk.value(record, None, None, 0)
            except UnscannableError as error:
                yield Place(row, None, None, str(error))
                walk = self._walk(None, "mask")
                walk.value(record, None, None, 0)
            for finding in walk.findings:
                yield Place(row, _column(finding.json_path or "", paths), finding)

    def redacted(
        self, batch: pa.RecordBatch, columns: Sequence[str] | None, style: Style, on_failure: Failure
    ) -> tuple[pa.RecordBatch, dict[int, str]]:
        """Return a batch without its secrets, the same object if it has none, and why rows failed.

        Raises:
            ColumnError: a column is not there, cannot be read, or has no room for its labels.
            UnscannableError: a row could not be scanned and the policy is to block.

        """
        chosen = _chosen(batch.schema, columns)
        errors: dict[int, str] = {}
        changes: dict[int, dict[int, Any]] = {}
        for row, record in self._records(batch, chosen):
            try:
                put = self._walk(style, "block").value(record, None, None, 0)
            except UnscannableError as error:
                if on_failure == "block":
                    raise
                errors[row] = str(error)
                put = self._walk(style, on_failure).value(record, None, None, 0)
            if put is record:
                continue
            # by position: a column's name may have been taken for a secret. What is no record any more
            # is the label of one that could not be scanned
            values = put.values() if isinstance(put, dict) else [put] * len(chosen)
            for one, old, new in zip(chosen, record.values(), values, strict=True):
                if new is not old:
                    changes.setdefault(one.place, {})[row] = new
        for one in chosen:
            if one.place not in changes and self._hides(batch.column(one.place), one):
                changes[one.place] = {}  # to be rebuilt with what its rows show, and nothing else
        if not changes:
            return batch, errors
        arrays = [
            replaced(column, changes[place]) if place in changes else column
            for place, column in enumerate(batch.columns)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=batch.schema), errors

    def _hides(self, column: pa.Array, one: _Column) -> bool:
        """Tell whether a column has a secret that no row shows, but would go on with it.

        A dictionary may have values that other batches use, and a null slot bytes behind it.
        """
        if has_bytes_behind_nulls(column):
            return True
        for words in dictionaries(column):
            rows = sorted(self.selection.rows(words, one.name, is_binary=one.is_binary, is_listed=True))
            values = taken(stored(words), words.type, pa.array(rows, pa.int64()), is_binary=one.is_binary)
            for value in values:
                record = {one.key: value}
                if self._walk("label", "mask").value(record, None, None, 0) is not record:
                    return True
        return False

    def _walk(self, style: Style | None, on_failure: Failure) -> Walk:
        return Walk(self.scanner, style, on_failure, objects=False, in_bytes=True)

    def _records(
        self, batch: pa.RecordBatch, chosen: Sequence[_Column]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Give the rows that may hold a secret, as records of the chosen columns."""
        selected: set[int] = set()
        for one in chosen:
            column = batch.column(one.place)
            selected |= self.selection.rows(column, one.name, is_binary=one.is_binary)
        if not selected:
            return
        rows = sorted(selected)
        columns = [stored(batch.column(one.place)) for one in chosen]
        kinds = [batch.schema.field(one.place).type for one in chosen]
        # the quick look sees what is under the keys of a map, not what is in them
        has_maps = any("map<" in str(kind) for kind in kinds)
        for first in range(0, len(rows), _TOGETHER):
            some = rows[first : first + _TOGETHER]
            at = pa.array(some, pa.int64())
            cells = [
                taken(column, kind, at, is_binary=one.is_binary)
                for column, kind, one in zip(columns, kinds, chosen, strict=True)
            ]
            for row, *values in zip(some, *cells, strict=True):
                record = {one.key: value for one, value in zip(chosen, values, strict=True)}
                if has_maps or not self._is_clean(record):
                    yield row, record

    def _is_clean(self, record: dict[str, Any]) -> bool:
        """Tell whether a record surely holds no secret, for a tenth of what it costs to walk it."""
        texts: list[str] = []
        records = self.scanner.records
        # JSON inside of text gives a meaning to what is in it, which is collected only if all is JSON
        if not records.collect(record, texts) or any(map(_holds_json, texts)):
            return False
        return records.are_clean(texts) or all(map(self._is_clean_text, texts))

    def _is_clean_text(self, text: str) -> bool:
        data = encode(text)[0]
        if b"{" in data and b"value" in data:
            return False  # a name may stand beside its value
        block = Block(data, 0, len(data), 0, len(data), 0, 0, final=True)
        return len(data) < WINDOW and not self.scanner.unresolved(block)[0]


class _Column(NamedTuple):
    """A column to look at; its key in a record is its name, with a number if it is not the first of it."""

    place: int
    name: str
    key: str
    is_binary: bool


def _chosen(schema: pa.Schema, columns: Sequence[str] | None) -> list[_Column]:
    chosen: list[_Column] = []
    seen: dict[str, int] = {}
    for name in columns or ():
        place_of(schema, name)
    for place, one in enumerate(schema):
        if columns is not None and one.name not in columns:
            continue
        is_binary = columns is not None
        try:
            is_read = holds_text(one.type, is_binary=is_binary, is_secret=named(one.name) is not None)
        except ColumnError as error:
            raise ColumnError(f"column {one.name!r}: {error}") from None
        if not is_read and is_binary:
            raise ColumnError(f"column {one.name!r} holds no text: it is {one.type}")
        if is_read:
            number = seen[one.name] = seen.get(one.name, 0) + 1
            key = one.name if number == 1 else f"{one.name} #{number}"
            chosen.append(_Column(place, one.name, key, is_binary))
    return chosen


def place_of(schema: pa.Schema, name: str) -> int:
    """Return the place of the first column of this name.

    Raises:
        ColumnError: there is none.

    """
    place = schema.names.index(name) if name in schema.names else -1
    if place < 0:
        raise ColumnError(f"there is no column {name!r}: there are {', '.join(schema.names) or 'none'}")
    return place


def _holds_json(text: str) -> bool:
    """Tell whether a text may hold JSON and is none as a whole."""
    if ("{" not in text and "[" not in text) or START.search(encode(text)[0]) is None:
        return False
    if text[0] in '{["':
        with contextlib.suppress(orjson.JSONDecodeError):
            orjson.loads(text)
            return False
    return True


def _column(path: str, paths: dict[str, str]) -> str | None:
    """Return the column that a JSON path leads into."""
    inside = [
        prefix
        for prefix in paths
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", ".", "[", "~"}
    ]
    return paths[max(inside, key=len)] if inside else None


def kernel_of(engine: Engine | Scanner | None) -> Kernel:
    """Return the kernel; an equal engine has the same one in all of a process."""
    if engine is None or isinstance(engine, Engine):
        return _kernel((engine or Engine()).to_bytes())
    return Kernel.of(engine)


@lru_cache(maxsize=4)
def _kernel_for(scanner: Scanner) -> Kernel:
    return Kernel(scanner, Selection(scanner, own_cache(os.environ)))


@lru_cache(maxsize=4)
def _kernel(data: bytes) -> Kernel:
    return Kernel.of(Engine.from_bytes(data).scanner())
