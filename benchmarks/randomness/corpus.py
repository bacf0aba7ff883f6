"""Names that people write, gathered from Python's own standard library, and random text to set against them.

Everything comes from the interpreter that runs this: identifiers and docstrings of its sources, its
module names, media types, time zones, HTTP headers, cipher suites, error names, plus a short list of
infrastructure words below. No log is read, so the model owes nothing to what it is judged on.

Not here: the model (`train`), its figures (`evaluate`).
"""

from __future__ import annotations

import ast
import base64
import codecs
import errno
import html.entities
import http
import mimetypes
import re
import signal
import ssl
import string
import sysconfig
import warnings
import zlib
import zoneinfo
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

#: One word in this many is held out: it and every name made from it is only for judging.
HELD_OUT = 5
#: Words of deployments that no standard library holds.
INFRASTRUCTURE = """
prod production stage staging dev development test qa uat preview canary sandbox demo edge internal external
public private primary secondary replica master main backup legacy blue green default shared common global
us eu ap sa ca me af east west north south central northeast southeast northwest southwest europe asia
frankfurt ireland london paris tokyo sydney oregon virginia ohio mumbai singapore
cluster node pod service server gateway proxy ingress egress loadbalancer balancer worker scheduler
controller operator manager agent collector exporter broker queue topic stream consumer producer cache
database postgres mysql mariadb mongodb redis kafka rabbitmq elasticsearch nginx envoy haproxy traefik istio
prometheus grafana jaeger vault consul etcd kubernetes docker containerd helm terraform ansible jenkins gitlab
github argocd flux keycloak oauth saml ldap jwt payment payments billing invoice order orders checkout cart
user users account accounts customer customers profile auth authn authz identity session login logout signup
notification email sms push search catalog inventory shipping report reporting analytics metrics tracing
logging audit config configuration secret secrets token tokens credential credentials password certificate
bucket storage volume snapshot image registry artifact lambda function job cron batch pipeline workflow
frontend backend api web app mobile admin portal dashboard site static assets media upload download
""".split()  # noqa: SIM905 - eighty lines of quotes would say no more

_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]{2,}(?![a-z])")
_DOTTED = re.compile(r"\b[A-Za-z_]\w+(?:\.[A-Za-z_]\w+)+\b")
_STYLES = ("snake", "kebab", "camel", "pascal", "upper", "dotted", "path", "glued", "title", "colon")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Names as they stand in text, and words to make more names from; each split in two."""

    names: list[str]
    held_names: list[str]
    words: list[str]
    weights: list[float]
    held_words: list[str]
    held_weights: list[float]


def is_held_out(word: str) -> bool:
    """Tell whether a word is for judging only; the same on every run and machine."""
    return zlib.crc32(word.lower().encode()) % HELD_OUT == 0


def load() -> Corpus:
    """Gather the corpus from the running interpreter."""
    counts: Counter[str] = Counter()
    names: set[str] = set()
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if {"site-packages", "test", "tests", "lib2to3", "encodings"} & set(path.parts):
            continue
        _read_source(path, counts, names)
    names.update(_tables())
    for word in INFRASTRUCTURE:
        counts[word] += 50
    kept = {name for name in names if len(name) >= 4 and name.isascii() and not name.isdigit()}
    held = {name for name in kept if is_held_out(max(_WORD.findall(name) or [name], key=len))}
    frequent = [(word, count**0.5) for word, count in sorted(counts.items()) if count >= 3 and len(word) >= 2]
    learn = [pair for pair in frequent if not is_held_out(pair[0])]
    judge = [pair for pair in frequent if is_held_out(pair[0])]
    return Corpus(
        names=sorted(kept - held),
        held_names=sorted(held),
        words=[word for word, _ in learn],
        weights=[weight for _, weight in learn],
        held_words=[word for word, _ in judge],
        held_weights=[weight for _, weight in judge],
    )


def _read_source(path: Path, counts: Counter[str], names: set[str]) -> None:
    try:
        source = path.read_text("utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, UnicodeDecodeError):
        return
    library = Path(sysconfig.get_path("stdlib"))
    names.add(path.relative_to(library).as_posix())
    names.add(path.relative_to(library).with_suffix("").as_posix().replace("/", "."))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            text = ast.get_docstring(node) or ""
            counts.update(word.lower() for word in _WORD.findall(text))
            names.update(_DOTTED.findall(text))


def _tables() -> set[str]:
    """Return names that the standard library keeps in tables."""
    found = set(mimetypes.types_map.values()) | set(html.entities.html5)
    found |= {zone for zone in zoneinfo.available_timezones() if "/" in zone}
    found |= {status.name for status in http.HTTPStatus} | set(errno.errorcode.values())
    found |= {number.name for number in signal.Signals}
    found |= {str(cipher["name"]) for cipher in ssl.create_default_context().get_ciphers()}
    return found | {name for name in dir(codecs) if not name.startswith("__")}


def compose(rng: random.Random, words: list[str], weights: list[float]) -> str:
    """Make one name of one to five words in one of the usual styles, perhaps with a small number."""
    parts = rng.choices(words, weights, k=rng.choice([1, 2, 2, 2, 3, 3, 3, 4, 5]))
    if rng.random() < 0.25:
        number = rng.choice(
            ["1", "2", "3", "0", "01", "64", str(rng.randrange(100)), str(rng.randrange(2000, 2030))]
        )
        parts.insert(rng.randrange(1, len(parts) + 1), number)
    style = rng.choice(_STYLES)
    if style == "camel":
        return parts[0] + "".join(part.capitalize() for part in parts[1:])
    if style == "pascal":
        return "".join(part.capitalize() for part in parts)
    if style == "title":
        return "-".join(part.capitalize() for part in parts)
    if style == "upper":
        return "_".join(parts).upper()
    joint = {"snake": "_", "kebab": "-", "dotted": ".", "path": "/", "glued": "", "colon": ":"}[style]
    return ("/" if style == "path" and rng.random() < 0.5 else "") + joint.join(parts)


def benign(rng: random.Random, corpus: Corpus, count: int, *, held_out: bool) -> list[str]:
    """Return `count` names of at least 8 characters: half as they stand in the library, half composed."""
    names = [name for name in (corpus.held_names if held_out else corpus.names) if len(name) >= 8]
    words = corpus.held_words if held_out else corpus.words
    weights = corpus.held_weights if held_out else corpus.weights
    made = [rng.choice(names) for _ in range(count // 2)]
    while len(made) < count:
        name = compose(rng, words, weights)
        if len(name) >= 8:
            made.append(name)
    return made


def _from(alphabet: str) -> Callable[[random.Random, int], str]:
    return lambda rng, length: "".join(rng.choices(alphabet, k=length))


def _base64(rng: random.Random, length: int) -> str:
    return base64.b64encode(rng.randbytes(length * 3 // 4 + 1)).decode()[:length]


#: Alphabets of random tokens, each with a maker of one token of a given length.
ALPHABETS: dict[str, Callable[[random.Random, int], str]] = {
    "hex": _from("0123456789abcdef"),
    "HEX": _from("0123456789ABCDEF"),
    "base32": _from(string.ascii_uppercase + "234567"),
    "base32 lower": _from(string.ascii_lowercase + "234567"),
    "base36": _from(string.digits + string.ascii_lowercase),
    "letters a-z": _from(string.ascii_lowercase),
    "letters A-Za-z": _from(string.ascii_letters),
    "base58": _from("".join(sorted(set(string.ascii_letters + string.digits) - set("0OIl")))),
    "base62": _from(string.ascii_letters + string.digits),
    "base64": _base64,
    "base64url": _from(string.ascii_letters + string.digits + "-_"),
    "printable": _from("".join(chr(code) for code in range(33, 127))),
}
