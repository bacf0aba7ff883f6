"""Train the table of character pairs that `leakscan.validators.randomness` reads.

    python benchmarks/randomness/train.py

Counts pairs of symbols in names (see `corpus`), smooths them and writes their cost in quarters of a
bit as one printable character each. The result depends on the interpreter's library only in detail; train
again and judge again (`evaluate`) together.

Not here: what the figures are (`evaluate`).
"""

from __future__ import annotations

import math
import random
import sys
from itertools import pairwise
from pathlib import Path

import corpus
from leakscan.validators import randomness

TABLE = Path(randomness.__file__).with_name("bigrams.py")
SEED = 20251121
NAMES = 400_000
#: Shares of the estimate: pairs, single symbols, and an even floor for what was never seen.
PAIRS, SINGLES = 0.95, 0.045

_HEAD = '''"""Cost of one symbol after another in names that people write.

Made by benchmarks/randomness/train.py.

One character for each pair, row by row ({size} symbols: see `randomness`): its code less {first}
is the cost in quarters of a bit.
From {names:,} names of the standard library of Python {version}, seed {seed}.

Not here: what reads it (`randomness`).
"""

from __future__ import annotations

from typing import Final

COSTS: Final = (
{rows}
)
'''


def count(names: list[str]) -> list[list[float]]:
    """Return how often each symbol follows each other one; a name starts after a separator."""
    size = randomness.SYMBOLS
    pairs = [[0.0] * size for _ in range(size)]
    for name in names:
        symbols = ("-" + name).encode().translate(randomness.SYMBOL_OF)
        for before, after in pairwise(symbols):
            pairs[before][after] += 1
    return pairs


def costs(pairs: list[list[float]]) -> bytes:
    """Turn counts into costs in quarters of a bit, one printable byte each."""
    size = randomness.SYMBOLS
    total = sum(map(sum, pairs))
    singles = [sum(row[symbol] for row in pairs) / total for symbol in range(size)]
    out = bytearray()
    for row in pairs:
        seen = sum(row)
        # a row that was hardly seen leans on single symbols
        trust = PAIRS * seen / (seen + 20)
        for symbol in range(size):
            share = trust * row[symbol] / max(seen, 1) + (PAIRS + SINGLES - trust) * singles[symbol]
            share += (1 - PAIRS - SINGLES) / size
            spread = randomness.SPREAD[symbol]
            cost = round(-math.log2(share / spread) * randomness.STEPS)
            out.append(min(cost, randomness.MAX_COST) + randomness.FIRST)
    return bytes(out)


def main() -> None:
    """Train and write the table."""
    source = corpus.load()
    names = corpus.benign(random.Random(SEED), source, NAMES, held_out=False)
    table = costs(count(names)).decode()
    width = randomness.SYMBOLS
    rows = "\n".join(f'    b"{table[at : at + width]}"' for at in range(0, len(table), width))
    text = _HEAD.format(
        size=width,
        first=randomness.FIRST,
        names=len(names),
        version=sys.version.split()[0],
        seed=SEED,
        rows=rows,
    )
    TABLE.write_text(text, "utf-8")
    print(f"{len(source.names):,} names, {len(source.words):,} words; {len(table):,} bytes in {TABLE.name}")


if __name__ == "__main__":
    main()
