"""The structure: imports run one way, the core does no I/O, and public names are documented."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import leakscan

PACKAGE = Path(leakscan.__file__).parent

#: Each layer may import from itself and from those before it.
LAYERS = (
    {"errors", "finding", "lines", "boundary", "prefilter", "text", "validators", "timestamps", "mask"}
    | {"reasons", "re2", "instants", "service"},
    {"rules", "fingerprint", "anchors", "spelled", "keys", "decode", "pem", "patterns"},
    {"values", "match", "judge", "resolve"},
    {"extent", "headers", "personal", "pii", "urls", "commands", "keyed", "redact", "jsonpath", "allow"},
    {
        "targets",
        "stream",
        "siblings",
        "jsontext",
        "embedded",
        "keynames",
        "walk",
        "records",
        "context",
        "period",
    },
    {"scanner"},
    {"explain", "gitleaks"},
    {"rulecheck", "baseline", "keyfile", "enginecache", "config"},
    {"terminal", "recipe", "compression", "output", "totals", "framing"},
    {"sources", "s3", "growing", "follow", "pipe", "integrations", "parquet"},
    {"paths", "report", "workers", "jobs"},
    {"sidecar", "audit"},
    {"cli"},
    {"__init__", "__main__"},
)
#: What the core may import from outside the standard library.
CORE_THIRD_PARTY = {"ahocorasick", "hyperscan", "orjson", "regex", "tomli"}
#: Standard modules that do I/O, which is not the core's business; `os` is there for `urandom`.
IO_MODULES = {
    "io",
    "sys",
    "socket",
    "subprocess",
    "tempfile",
    "shutil",
    "logging",
    "threading",
    "asyncio",
    "select",
}
CORE = set().union(*LAYERS[:7])


def modules() -> list[Path]:
    """Return the source files."""
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """Return the first component under the package: the unit that layers are made of."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imported(path: Path) -> set[str]:
    """Return the absolute names that a file imports, in functions too, but not for type checking only."""
    names: set[str] = set()
    package = ["leakscan", *path.relative_to(PACKAGE).parts[:-1]]
    tree = ast.parse(path.read_text())
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *(node.module.split(".") if node.module else [])])
            names.update(f"{stem}.{alias.name}" for alias in node.names)
    return names


def test_every_module_has_a_layer() -> None:
    """A new module says where it belongs."""
    known = set().union(*LAYERS)
    assert {part(path) for path in modules()} - known == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    """A module imports from its own layer and those before it."""
    height = {name: level for level, layer in enumerate(LAYERS) for name in layer}
    own = height[part(path)]
    used = {name.split(".")[1] for name in imported(path) if name.startswith("leakscan.")}
    above = {name for name in used if height.get(name, 0) > own}
    assert above == set()


@pytest.mark.parametrize("path", [p for p in modules() if part(p) in CORE], ids=lambda path: path.stem)
def test_the_core_does_no_io_and_needs_little(path: Path) -> None:
    """Bytes in, data out: no files, no sockets, no logging, few packages, no printing."""
    roots = {name.split(".")[0] for name in imported(path)} - {"leakscan", "__future__"}
    assert roots & IO_MODULES == set()
    assert {name for name in roots if name not in sys.stdlib_module_names} <= CORE_THIRD_PARTY
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert calls & {"print", "open", "input"} == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    """The first docstring is a sentence, so that a reader knows whether to read on."""
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":", "?"))


def test_public_names_are_documented() -> None:
    """What `__all__` names exists, is documented, and is in the README."""
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    for name in leakscan.__all__:
        assert getattr(leakscan, name) is not None
        assert f"`{name}`" in readme, name
