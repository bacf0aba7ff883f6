"""The engine cache: a loaded database is trusted code, so only what is surely our own is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leakscan import Scanner
from leakscan.enginecache import MAX_FILES, EngineCache, own_cache


@pytest.fixture
def cache(tmp_path: Path) -> EngineCache:
    """Return a cache with one file, `x`, that holds `data`."""
    made = EngineCache(tmp_path / "cache")
    made.save("x", b"data")
    assert made.load("x") == b"data"
    return made


def test_a_scanner_from_the_cache_finds_the_same(tmp_path: Path) -> None:
    """The second scanner loads what the first compiled, and finds the same."""
    cache = EngineCache(tmp_path / "cache")
    line = "login password=hunter2-Tr0ub4dor ok"
    first = Scanner(engine="hyperscan", key=b"k" * 16, engine_cache=cache)
    (file,) = (tmp_path / "cache").iterdir()
    written = file.stat().st_mtime_ns
    second = Scanner(engine="hyperscan", key=b"k" * 16, engine_cache=cache)
    assert file.stat().st_mtime_ns == written
    assert first.scan(line) == second.scan(line) != []


def test_every_process_makes_the_same_database(tmp_path: Path) -> None:
    """Whatever the hash seed, a second process finds what the first one kept."""
    script = (
        "import sys; from pathlib import Path; from leakscan import Scanner; "
        "from leakscan.enginecache import EngineCache; "
        "Scanner(engine='hyperscan', engine_cache=EngineCache(Path(sys.argv[1])))"
    )
    for seed in ("1", "2", "3"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, tmp_path / "cache"], check=True, env=environment)
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_folder_and_files_are_private(cache: EngineCache) -> None:
    """Nobody else may read or write what will be loaded."""
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert (cache.folder / "x").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o602])
def test_a_file_that_others_may_touch_is_not_loaded(cache: EngineCache, mode: int) -> None:
    """Any bit for group or others makes it a miss."""
    (cache.folder / "x").chmod(mode)
    assert cache.load("x") is None


@pytest.mark.parametrize("mode", [0o750, 0o707, 0o777])
def test_a_folder_that_others_may_enter_is_not_used(cache: EngineCache, mode: int) -> None:
    """Neither read from nor written to."""
    cache.folder.chmod(mode)
    assert cache.load("x") is None
    cache.save("y", b"data")
    assert not (cache.folder / "y").exists()


def test_links_are_not_followed(cache: EngineCache, tmp_path: Path) -> None:
    """A link in place of the file or of the folder is a miss."""
    (cache.folder / "y").symlink_to(cache.folder / "x")
    assert cache.load("y") is None
    (tmp_path / "link").symlink_to(cache.folder)
    assert EngineCache(tmp_path / "link").load("x") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_somebody_else_is_not_loaded(cache: EngineCache) -> None:
    """A file or folder of another user is a miss."""
    os.chown(cache.folder / "x", 12345, 12345)
    assert cache.load("x") is None


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 40])
def test_a_damaged_file_is_a_miss(cache: EngineCache, damage: bytes) -> None:
    """A file that does not match its checksum, or was cut, is compiled anew."""
    (cache.folder / "x").write_bytes(damage)
    assert cache.load("x") is None


def test_old_databases_make_room(cache: EngineCache) -> None:
    """The folder does not grow with every version and rule file."""
    for number in range(MAX_FILES + 3):
        cache.save(f"n{number}", b"data")
    assert len(list(cache.folder.iterdir())) == MAX_FILES


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    """Without a place to write the engine is compiled each time, quietly."""
    (tmp_path / "file").write_bytes(b"")
    unusable = EngineCache(tmp_path / "file" / "cache")
    unusable.save("x", b"data")
    assert unusable.load("x") is None


def test_the_users_cache_is_where_the_system_says() -> None:
    """XDG_CACHE_HOME counts when absolute, else the home; without either there is none."""
    assert own_cache({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == EngineCache(Path("/c/leakscan"))
    assert own_cache({"XDG_CACHE_HOME": "relative", "HOME": "/h"}) == EngineCache(Path("/h/.cache/leakscan"))
    assert own_cache({}) is None
