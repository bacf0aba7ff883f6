"""Regexes in Go's syntax: what they match here, what is refused, and the literals that they need."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from leakscan.re2.literals import required
from leakscan.re2.read import SyntaxRefused, parse
from leakscan.re2.tree import is_anchored, width
from leakscan.re2.write import write

CASES: list[tuple[str, list[bytes], list[bytes]]] = [
    (r"a(?i)b", [b"ab", b"aB"], [b"Ab", b"AB"]),
    (r"a(?i)b|c", [b"ab", b"aB", b"c", b"C"], [b"Ab", b"AC"]),
    (r"(a(?i)b)c", [b"abc", b"aBc"], [b"abC", b"Abc"]),
    (r"(?i)a(?-i)b", [b"ab", b"Ab"], [b"aB"]),
    (r"(?i:a)b", [b"Ab"], [b"aB"]),
    (r"(?i)[a-c]_[^d-f]", [b"B_g", b"b_G"], [b"B_D", b"b_e"]),
    (r"[[:alnum:]_]+[[:^digit:]]", [b"aB9_x"], [b"a-x", b"aB99"]),
    (r"[[:xdigit:][:space:]]{3}", [b"a F"], [b"agF"]),
    (r"\Qa.b*\E+", [b"a.b*", b"a.b**"], [b"axb*"]),
    (r"(?P<name>x)(?<other>y)", [b"xy"], [b"x"]),
    (r"\x41\x{42}\103\t", [b"ABC\t"], [b"ABC"]),
    (r"x{,2}", [b"x{,2}"], [b"xx", b""]),
    (r"x{2,}y{2}z{1,2}", [b"xxyyz", b"xxxyyzz"], [b"xyyz", b"xxyyzzz"]),
    (r"[]a-]+", [b"]a-"], [b"b"]),
    (r"[^]]", [b"a"], [b"]"]),
    (r"[\w.\-\[\]]+", [b"a.-[]"], [b"+"]),
    (r"[a&&b~~|]+", [b"a&b~|"], [b"c"]),
    (r"\Aab\z", [b"ab"], [b"abc"]),
    (r"(?s)a.b", [b"a\nb"], []),
    (r"a.b", [b"axb"], [b"a\nb"]),
    (r"caf\x{e9}+|é", ["café".encode(), "caféé".encode(), "é".encode()], [b"caf", b"\xc3"]),
    (r"\d\D\s\S\w\W", [b"1a b_-"], [b"aa b_-"]),
    (r"(?:a|b)(c)?d*?", [b"acdd", b"b"], [b"c"]),
    (r"(?i)(?:key|token)[ =]{1,3}([a-f0-9]{4})", [b"KEY=AbC9", b"Token = 1234"], [b"keys=1234"]),
]


@pytest.mark.parametrize(("source", "matching", "others"), CASES, ids=[case[0] for case in CASES])
def test_a_regex_matches_what_it_matches_in_go(
    source: str, matching: list[bytes], others: list[bytes]
) -> None:
    """Whole texts that Go's documentation says match, and some that do not."""
    pattern = regex.compile(write(parse(source)).encode(), regex.ASCII)
    for text in matching:
        assert pattern.fullmatch(text), text
    for text in others:
        assert not pattern.fullmatch(text), text


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a(b", "a ) too few"),
        ("ab)", "a ) too many"),
        ("[ab", "a ] too few"),
        ("[z-a]", "from high to low"),
        ("*a", "nothing to repeat"),
        ("a**", "a repeat of a repeat"),
        ("a{2}{3}", "a repeat of a repeat"),
        ("a{1001}", "out of bounds"),
        ("a{3,2}", "out of bounds"),
        ("(?=a)", "Go does not know"),
        (r"\pL", "no counterpart"),
        (r"\C", "no counterpart"),
        (r"\1", "no counterpart"),
        ("(?U)a+", "the flag U"),
        ("[é]", "ASCII only"),
        ("\\", "no counterpart"),
        (r"\x{110000}", "no character"),
        ("(" * 200, "too many groups"),
    ],
)
def test_what_has_no_counterpart_is_refused(source: str, reason: str) -> None:
    """Wrong syntax and what cannot be kept is an error with its place."""
    with pytest.raises(SyntaxRefused, match=regex.escape(reason)):
        parse(source)


def test_only_the_group_of_the_secret_captures() -> None:
    """A rule may name the group that is its secret; the others lose their brackets' meaning."""
    node = parse("(a)(b(c))")
    assert write(node) == "(a)(b(c))"
    assert write(node, 2) == "(?:a)(b(?:c))"
    assert write(node, 0) == "(?:a)(?:b(?:c))"


@pytest.mark.parametrize(
    ("source", "literals", "offset", "fold"),
    [
        ("acme_[0-9]{8}", (b"acme_",), 0, False),
        ("(?i)acme_[0-9]{8}", (b"acme_",), 0, True),
        ("[a-z]{2,9}ACME[0-9]", (b"ACME",), 9, False),
        (".*acme", (b"acme",), None, False),
        ("(?:acme|apex)_x[0-9]", (b"acme_x", b"apex_x"), 0, False),
        ("(?:acme[0-9]|[a-z]{3}apex)", (b"acme", b"apex"), 3, False),
        ("s[ek]_live_[0-9]", (b"se_live_", b"sk_live_"), 0, False),
        ("(?:acme){2}", (b"acmeacme",), 0, False),
        ("(?:acme)+x", (b"acme",), 0, False),
        (r"\bacme\b", (b"acme",), 0, False),
        ("abc?de[0-9]", (b"abcde", b"abde"), 0, False),
    ],
)
def test_the_literals_of_a_regex(
    source: str,
    literals: tuple[bytes, ...],
    offset: int | None,
    fold: bool,  # noqa: FBT001 - a column
) -> None:
    """The longest that every match needs, how far into it they may begin, and whether case matters."""
    found = required(parse(source))
    assert found is not None
    assert (found.literals, found.offset, found.fold) == (literals, offset, fold)


@pytest.mark.parametrize(
    "source", ["[0-9]{8}", "(?:acme)?[0-9]", "(?:acme|[0-9])x", "a|b", "-----", "xx", ""]
)
def test_a_regex_without_literals_has_none(source: str) -> None:
    """What only some matches hold, or what is too short or one character, is no literal."""
    assert required(parse(source)) is None


def test_lengths_and_anchors() -> None:
    """How long matches are, and whether a regex goes for a whole text by itself."""
    assert width(parse("a{2,3}(?:b|cd)e?")) == (3, 6)
    assert width(parse("a+")) == (1, None)
    assert [is_anchored(parse(s)) for s in ("^a$", r"\Aa\z", "^a$|^b$", "(?:^a$)", "^a|b$", "a", "^a")] == [
        True, True, True, True, False, False, False,
    ]  # fmt: skip


atoms = st.sampled_from(
    ["a", "B", "ab", "acme", "[ab]", "[^a]", "[0-9]", ".", r"\d", r"\w", r"\b", "_", r"\.", "(?i)x", "(?i:Q)"]
)
regexes = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,3}", "+?"])).map(
            lambda p: f"({p[0]}){p[1]}"
        ),
    ),
    max_leaves=8,
)
texts = st.text("aAbBcmexXqQ019_. -", max_size=12).map(str.encode)


@settings(max_examples=500)
@given(regexes, texts)
def test_every_match_holds_a_literal_within_its_offset(source: str, text: bytes) -> None:
    """Whatever the regex: each match has one of the literals, no farther in than said, and fits its width."""
    node = parse(source)
    found = required(node, 1)
    least, most = width(node)
    for match in regex.finditer(write(node).encode(), text, regex.ASCII, overlapped=True):
        piece = match.group()
        assert least <= len(piece) <= (len(piece) if most is None else most)
        if found is not None:
            seen = piece.lower() if found.fold else piece
            starts = [seen.find(literal) for literal in found.literals if literal in seen]
            assert starts
            assert found.offset is None or min(starts) <= found.offset


@settings(max_examples=300)
@given(st.text("ab(|)[]^-*+?{}12,\\wQEz.$:i<>P=", max_size=14))
def test_any_text_is_read_or_refused(source: str) -> None:
    """No text makes the reader fail otherwise, and what it reads compiles."""
    try:
        node = parse(source)
    except SyntaxRefused:
        return
    regex.compile(write(node).encode(), regex.ASCII)
