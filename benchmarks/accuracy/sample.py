"""A sample: one record of the test log, with what was planted in it and what it was made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.accuracy.kinds import held_out

if TYPE_CHECKING:
    from benchmarks.accuracy.text import Span

#: Self-identifying token, value that only its key gives away, or a line without a secret.
Group = Literal["token", "keyed", "benign"]


@dataclass(frozen=True, slots=True)
class Plant:
    """One planted secret.

    Attributes:
        line: which line of the sample, from 0.
        span: where it stands in that line, in bytes.
        plain: the secret before any escaping or encoding.

    """

    line: int
    span: Span
    plain: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One record: usually one line, several for keys that are printed line by line.

    Attributes:
        group: token, keyed or benign.
        kind: what the secret is, or what the look-alike is.
        shape: how it stands in the line; empty for look-alikes.
        lines: the lines, without line ends.
        plants: what was planted, in order; several when a shape carries a pair or a key has many lines.

    """

    group: Group
    kind: str
    shape: str
    lines: tuple[str, ...]
    plants: tuple[Plant, ...]

    @property
    def in_pieces(self) -> bool:
        """Whether the planted secrets are the lines of one: a private key printed line by line."""
        return len({plant.line for plant in self.plants}) > 1

    @property
    def held_out(self) -> bool:
        """Whether its kind or its shape is kept from the rules' authors."""
        return held_out(self.kind) or bool(self.shape and held_out(self.shape))

    def answer(self, first_line: int) -> dict[str, Any]:
        """Its entry in the answer key; `first_line` is 1-based in the file."""
        plants = [
            {
                "line": first_line + plant.line,
                "start": plant.span.start,
                "end": plant.span.end,
                "core_start": plant.span.core_start,
                "core_end": plant.span.core_end,
                "plain": plant.plain,
            }
            for plant in self.plants
        ]
        return {
            "group": self.group,
            "kind": self.kind,
            "shape": self.shape,
            "held_out": self.held_out,
            "line": first_line,
            "lines": len(self.lines),
            "plants": plants,
        }


def answer_key(samples: list[Sample]) -> str:
    """The answer key of a file that holds the samples in this order: one JSON object a sample."""
    rows, line = [], 1
    for sample in samples:
        rows.append(json.dumps(sample.answer(line), ensure_ascii=False))
        line += len(sample.lines)
    return "\n".join(rows) + "\n"


def log_text(samples: list[Sample]) -> bytes:
    """The log file that holds the samples in this order."""
    return "".join(f"{line}\n" for sample in samples for line in sample.lines).encode()
