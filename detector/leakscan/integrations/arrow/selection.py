"""Which rows of a column may hold a secret, without a step of Python for the others.

The prefilter runs over the value buffer of a string column as it lies in memory: Arrow puts the cells one
after the other, and its offsets say where each begins. No separator stands between them, so what is
selected may begin in one cell and end in the next: it only says which row is to be looked at, alone.
The names of secrets that stand in lists, maps and columns of names select their rows too.

Not here: what is found in a row (`leakscan.walk`), its values as Python's (`cells`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, cast

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from leakscan.keynames import JSON_ANCHORS, PARTS, SPELT, name_in_json
from leakscan.personal import FORMS
from leakscan.prefilter import Anchor, build
from leakscan.siblings import NAMES, named

from .cells import holds_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leakscan.prefilter import Cache, Candidate
    from leakscan.scanner import Scanner

#: Bytes of cells that the prefilter is given at once, as in `leakscan.lines`.
BLOCK: Final = 1 << 20
#: A cell of more bytes is looked at without asking the prefilter, whose sizes have 32 bits.
_WHOLE: Final = 1 << 30
_SPELT: Final = Anchor((b"\\u00",), SPELT)
#: A part of every name of a secret, so that only those few are judged in Python.
_TELLING: Final = "(?i)" + "|".join(part.decode() for part in (*PARTS, b"key", b"code"))


class Selection:
    """Selects rows for a scanner. Never too few: a row that is not selected has no finding.

    Args:
        scanner: the scanner.
        cache: where the compiled engine is kept between runs, if anywhere.

    """

    def __init__(self, scanner: Scanner, cache: Cache | None = None) -> None:
        anchors = scanner.targets.anchors
        self._known = len(anchors)
        self._names = len(anchors) + len(JSON_ANCHORS)
        # one database for all: a second pass would cost as much as the first
        self._prefilter = build([*anchors, *JSON_ANCHORS, _SPELT], scanner.engine, cache)
        # hyperscan gives every end of every match, so a cell before or after takes nothing away. The
        # portable engine gives the longest match only, and the anchors of personal data look at what
        # stands before: for these, cells are set apart
        self._apart = scanner.engine != "hyperscan" or any(rule.grammar in FORMS for rule in scanner.rules)

    def rows(
        self, array: pa.Array, name: str = "", *, is_binary: bool = False, is_listed: bool = False
    ) -> set[int]:
        """Return the indexes of the slots of an array that may hold a secret.

        Args:
            array: the array.
            name: the name of its column or field, empty for the items of a list.
            is_binary: whether bytes are looked at as well as text.
            is_listed: whether its strings may be names of what stands beside them in a list or map.

        """
        kind = array.type
        is_secret = named(name) is not None
        if not holds_text(kind, is_binary=is_binary, is_secret=is_secret):
            return set()
        if is_secret:
            return set(pc.indices_nonzero(array.is_valid()).to_pylist())
        if isinstance(array, pa.ExtensionArray):
            return self.rows(array.storage, name, is_binary=is_binary, is_listed=is_listed)
        if types.is_dictionary(kind):
            if len(array.dictionary) > len(array):  # a dictionary of many batches
                dense = array.dictionary_decode()
                return self.rows(dense, name, is_binary=is_binary, is_listed=is_listed)
            found = self.rows(array.dictionary, name, is_binary=is_binary, is_listed=is_listed)
            if not found:
                return set()
            values = pa.array(sorted(found), array.indices.type)
            return set(pc.indices_nonzero(pc.is_in(array.indices, value_set=values)).to_pylist())
        if types.is_struct(kind):
            fields = enumerate(kind)
            return set().union(
                *(
                    self.rows(array.field(place), field.name, is_binary=is_binary, is_listed=is_listed)
                    for place, field in fields
                )
            )
        if types.is_fixed_size_list(kind):
            size = kind.list_size
            items = array.values.slice(array.offset * size, len(array) * size)
            return {place // size for place in self.rows(items, is_binary=is_binary, is_listed=True)}
        if types.is_nested(kind):
            children = (array.keys, array.items) if types.is_map(kind) else (array.values,)
            offsets = _offsets(array)
            low, high = offsets[0], offsets[-1]
            return {
                bisect_right(offsets, low + place) - 1
                for child in children
                for place in self.rows(child.slice(low, high - low), is_binary=is_binary, is_listed=True)
            }
        found = self._spots(array)
        return found | _telling(array) if is_listed or name.lower() in NAMES else found

    def _spots(self, array: pa.Array) -> set[int]:
        """Return the cells of text that the prefilter selects."""
        if types.is_string_view(array.type) or types.is_binary_view(array.type):
            array = array.cast(pa.large_binary())  # its cells lie anywhere
        if not len(array) or array.buffers()[2] is None:
            return set()
        offsets = _offsets(array)
        data = memoryview(array.buffers()[2]).cast("B")
        found: set[int] = set()
        first, count = 0, len(array)
        while first < count:
            last = max(first + 1, bisect_right(offsets, offsets[first] + BLOCK, first + 1) - 1)
            if offsets[last] - offsets[first] > _WHOLE:
                found.add(first)
            elif self._apart:
                found.update(self._in_cells_apart(data, offsets, first, last))
            else:
                found.update(self._in_cells(data, offsets, first, last))
            first = last
        return found

    def _in_cells(self, data: memoryview, offsets: Sequence[int], first: int, last: int) -> Iterator[int]:
        """Give the selected cells among those from `first` to `last`, as they lie in memory."""
        start = offsets[first]
        region = data[start : offsets[last]]
        passed = 0
        for stop, number in self._candidates(region):
            if stop > passed and self._counts(region, stop, number):
                cell = bisect_left(offsets, start + stop, first, last) - 1
                passed = offsets[cell + 1] - start
                yield cell

    def _in_cells_apart(
        self, data: memoryview, offsets: Sequence[int], first: int, last: int
    ) -> Iterator[int]:
        """As `_in_cells`, with a line end between cells."""
        cells = [bytes(data[offsets[cell] : offsets[cell + 1]]) for cell in range(first, last)]
        starts = list(accumulate((len(cell) + 1 for cell in cells), initial=0))
        region = b"\n".join(cells)
        for stop, number in self._candidates(region):
            if self._counts(region, stop, number):
                yield first + bisect_left(starts, stop) - 1

    def _candidates(self, region: bytes | memoryview) -> list[Candidate]:
        # both engines read any buffer; bytes is what most have
        return self._prefilter.candidates(cast("bytes", region), 0, len(region))

    def _counts(self, region: Any, stop: int, number: int) -> bool:
        """Tell whether a candidate selects its cell: the name of a JSON string must be that of a secret."""
        if self._known <= number < self._names:
            name = name_in_json(region, stop)
            return name is not None and _is_secret(name)
        return True


@lru_cache(maxsize=4096)
def _is_secret(name: bytes) -> bool:
    return named(name) is not None


def _telling(array: pa.Array) -> set[int]:
    """Return the cells that are names of secrets."""
    if types.is_string_view(array.type) or types.is_binary_view(array.type):
        array = array.cast(pa.large_binary())
    places = pc.indices_nonzero(pc.match_substring_regex(array, _TELLING))
    if not len(places):
        return set()
    names = array.take(places).cast(pa.large_binary())
    return {
        place
        for place, name in zip(places.to_pylist(), names.to_pylist(), strict=True)
        if named(name) is not None
    }


def _offsets(array: pa.Array) -> Sequence[int]:
    """Return the offsets of an array of strings, bytes, lists or maps, one more than it has slots."""
    kind = array.type
    is_large = types.is_large_string(kind) or types.is_large_binary(kind) or types.is_large_list(kind)
    size = 8 if is_large else 4
    if not len(array):
        return (0, 0)
    raw = memoryview(array.buffers()[1]).cast("B")
    end = array.offset + len(array) + 1
    return raw[array.offset * size : end * size].cast("q" if is_large else "i")
