"""Makes the samples of one run: every kind and every shape at least once, then a mix, all from one seed.

>>> samples = generate(seed=7, lines=1200)
>>> samples == generate(seed=7, lines=1200)
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy import (
    benign_ids,
    benign_values,
    benign_words,
    shapes_config,
    shapes_field,
    shapes_header,
    shapes_own,
    shapes_password,
    shapes_token,
    tokens_ai,
    tokens_business,
    tokens_cloud,
    tokens_code,
    tokens_general,
)
from benchmarks.accuracy.draw import Scene
from benchmarks.accuracy.headers import HEADERS, HeaderKind
from benchmarks.accuracy.prefixes import prefix
from benchmarks.accuracy.sample import Plant, Sample
from benchmarks.accuracy.text import bare, mark, unmark
from benchmarks.accuracy.values import FIELDS, FieldKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.accuracy.benign import BenignKind
    from benchmarks.accuracy.kinds import TokenKind
    from benchmarks.accuracy.sample import Group
    from benchmarks.accuracy.shapes import Shape

TOKENS: tuple[TokenKind, ...] = (
    *tokens_code.KINDS,
    *tokens_cloud.KINDS,
    *tokens_ai.KINDS,
    *tokens_business.KINDS,
    *tokens_general.KINDS,
)
BENIGN: tuple[BenignKind, ...] = (*benign_ids.KINDS, *benign_words.KINDS, *benign_values.KINDS)
TOKEN_SHAPES = shapes_token.SHAPES
FIELD_SHAPES = (*shapes_field.SHAPES, *shapes_config.SHAPES)
HEADER_SHAPES, PASSWORD_SHAPES, OWN_SHAPES = shapes_header.SHAPES, shapes_password.SHAPES, shapes_own.SHAPES
PASSWORDS = tuple(kind for kind in FIELDS if kind.password)

#: How often a value is drawn again when the shape's syntax cannot carry it.
_TRIES = 40
#: Of all samples: tokens, keyed values; the rest is benign.
_TOKEN_SHARE, _KEYED_SHARE = 0.40, 0.32


def generate(seed: int | str, lines: int = 3000) -> list[Sample]:
    """About `lines` samples, shuffled, equal for equal seeds; never fewer than one of each kind and shape."""
    scene = Scene(f"accuracy {seed}")
    tokens = round(lines * _TOKEN_SHARE)
    keyed = round(lines * _KEYED_SHARE)
    samples = [
        *_tokens(scene, tokens),
        *_fields(scene, round(keyed * 0.42)),
        *_headers(scene, round(keyed * 0.24)),
        *_passwords(scene, round(keyed * 0.22)),
        *_own(scene, round(keyed * 0.12)),
        *_benign(scene, lines - tokens - keyed),
    ]
    scene.rng.shuffle(samples)
    return samples


def _rounds(
    scene: Scene, kinds: Sequence[object], shapes: Sequence[object], count: int
) -> Iterator[tuple[int, int]]:
    """Index pairs that go round both tables in random order, so each entry comes up as often as any other."""
    count = max(count, len(kinds), len(shapes))
    columns = []
    for table in (kinds, shapes):
        column: list[int] = []
        while len(column) < count:
            column += scene.rng.sample(range(len(table)), len(table))
        columns.append(column[:count])
    yield from zip(*columns, strict=True)


def _fits(raw: str, shape: Shape) -> bool:
    return not set(bare(raw)) & set(shape.forbidden)


def _finish(scene: Scene, group: Group, kind: str, shape: Shape, *, text: str, plain: str | None) -> Sample:
    if shape.prefixed:
        text = prefix(scene) + text
    lines, plants = [], []
    for number, marked in enumerate(text.split("\n")):
        line, spans = unmark(marked)
        lines.append(line)
        raw = line.encode()
        plants += [Plant(number, span, plain or raw[span.start : span.end].decode()) for span in spans]
    return Sample(group, kind, shape.name, tuple(lines), tuple(plants))


def _tokens(scene: Scene, count: int) -> Iterator[Sample]:
    for i, j in _rounds(scene, TOKENS, TOKEN_SHAPES, count):
        kind, shape = TOKENS[i], TOKEN_SHAPES[j]
        raw = kind.make(scene)
        while not _fits(raw, shape) or (shape.glued and not kind.glued):
            shape = scene.rng.choice(TOKEN_SHAPES)
        yield _finish(scene, "token", kind.name, shape, text=shape.write(scene, mark(raw)), plain=bare(raw))


def _drawn(scene: Scene, kind: FieldKind, shape: Shape, table: Sequence[Shape]) -> tuple[str, Shape]:
    """A value of the kind and a shape that can carry it: the one asked for if any value fits."""
    for _ in range(_TRIES):
        raw = kind.make(scene)
        if _fits(raw, shape):
            return raw, shape
    while not _fits(raw, shape):
        shape = scene.rng.choice(table)
    return raw, shape


def _fields(scene: Scene, count: int) -> Iterator[Sample]:
    for i, j in _rounds(scene, FIELDS, FIELD_SHAPES, count):
        kind = FIELDS[i]
        raw, shape = _drawn(scene, kind, FIELD_SHAPES[j], FIELD_SHAPES)
        text = shape.write(scene, scene.rng.choice(kind.keys), mark(raw))
        yield _finish(scene, "keyed", kind.name, shape, text=text, plain=bare(raw))


def _passwords(scene: Scene, count: int) -> Iterator[Sample]:
    for i, j in _rounds(scene, PASSWORDS, PASSWORD_SHAPES, count):
        kind = PASSWORDS[i]
        raw, shape = _drawn(scene, kind, PASSWORD_SHAPES[j], PASSWORD_SHAPES)
        yield _finish(scene, "keyed", kind.name, shape, text=shape.write(scene, mark(raw)), plain=bare(raw))


def _headers(scene: Scene, count: int) -> Iterator[Sample]:
    for i, j in _rounds(scene, HEADERS, HEADER_SHAPES, count):
        kind: HeaderKind = HEADERS[i]
        shape = HEADER_SHAPES[j]
        name, value = kind.write(scene)
        yield _finish(scene, "keyed", kind.name, shape, text=shape.write(scene, name, value), plain=None)


def _own(scene: Scene, count: int) -> Iterator[Sample]:
    for _, j in _rounds(scene, (None,), OWN_SHAPES, count):
        shape = OWN_SHAPES[j]
        yield _finish(scene, "keyed", shape.name, shape, text=shape.write(scene), plain=None)


def _benign(scene: Scene, count: int) -> Iterator[Sample]:
    for i, _ in _rounds(scene, BENIGN, (None,), count):
        kind = BENIGN[i]
        text = (prefix(scene) if kind.prefixed else "") + kind.write(scene)
        yield Sample("benign", kind.name, "", tuple(bare(text).split("\n")), ())
