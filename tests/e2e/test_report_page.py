"""The exposure report in a real browser: hostile text stays text, nothing loads, people can use it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import Page, browser, chromium

from command import COMMAND, environment, made_up_secret
from hostile import hostile_files

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(chromium() is None, reason="chromium not found: run tests/e2e/setup_clickhouse.sh"),
]
DESKTOP = (1280, 900)
PHONE = (360, 780)


def report(folder: Path, *options: str) -> Path:
    """Scan a folder of logs into a page."""
    page = folder.parent / "report.html"
    names = sorted(path.name for path in folder.iterdir())
    done = subprocess.run(
        [*COMMAND, "-q", "--format", "html", "-o", page, *options, "--", *names],
        cwd=folder, env=environment(TZ="UTC"), capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, b"")
    return page


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of 10,000 lines of payloads in files named by payloads."""
    folder = tmp_path_factory.mktemp("hostile") / "logs"
    folder.mkdir()
    hostile_files(folder)
    return report(folder)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small log: three secrets, of two severities, over three days."""
    folder = tmp_path_factory.mktemp("plain") / "logs"
    folder.mkdir()
    often, seldom = made_up_secret(), made_up_secret()
    lines = [f"2024-11-{day}T10:00:00Z service=pay {often}" for day in (20, 21, 22)]
    (folder / "a.log").write_text("\n".join([*lines, f"2024-11-19T10:00:00Z service=pay {seldom}", ""]))
    (folder / "b.log").write_text("2024-11-21T10:00:00Z login password=Xk29-vTqLw80 ok\n")
    return report(folder)


def looked_at(file: Path, look: Callable[[Page], Coroutine[Any, Any, None]], **how: Any) -> None:
    """Open a page in a browser of its own and look at it; it asks nobody, and nothing of it is refused."""

    async def run() -> None:
        width, height = how.pop("size", DESKTOP)
        async with browser() as page:
            await page.open(file.as_uri(), width=width, height=height, **how)
            await look(page)
            assert page.said == []
            assert {url.split(":")[0] for url in page.asked} <= {"file", "data"}
            assert len([url for url in page.asked if url.startswith("file:")]) == 1

    asyncio.run(run())


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_hostile_log_is_only_shown(hostile_page: Path, size: tuple[int, int], *, scripts: bool) -> None:
    """No script of theirs runs, no element of theirs is there, nothing lies over the edge or over others."""

    async def look(page: Page) -> None:
        assert await page.value("typeof window.pwned") == "undefined"
        assert await page.value("document.title") == "Exposure report"
        assert (
            await page.value("document.querySelectorAll('img,iframe,object,embed,form,base,animate').length")
            == 0
        )
        assert await page.value("document.scripts.length") == 1
        handlers = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
        assert await page.value(f"{handlers}.filter(n => n.startsWith('on') || n === 'style').length") == 0
        assert await page.value("document.documentElement.scrollWidth") <= size[0]
        rows = await page.value("document.querySelectorAll('#secrets-table tbody tr').length")
        assert rows >= 100
        assert await page.value("document.querySelectorAll('#secrets-table tbody tr > *').length") == 8 * rows
        inside = """[...document.querySelectorAll('#secrets-table tbody tr')].every(row => {
          const a = row.getBoundingClientRect();
          return [...row.querySelectorAll('*')].every(e => {
            const b = e.getBoundingClientRect();
            return b.width === 0 || (b.left >= a.left - 1 && b.right <= a.right + 1
              && b.top >= a.top - 1 && b.bottom <= a.bottom + 1);
          });
        })"""
        assert await page.value(inside)
        assert "<script>" in await page.value("document.body.innerText")
        assert await page.value("document.getElementById('tools').hidden") is not scripts

    looked_at(hostile_page, look, size=size, scripts=scripts)


def test_the_policy_stops_a_script_and_a_style_that_got_in(page_file: Path, tmp_path: Path) -> None:
    """The second line of defence: were text not escaped, the browser would still not run it."""
    evil = (
        "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'><style>h1{display:none}</style>"
        "<p style='position:fixed' id=evil>x</p>"
    )
    page_text = page_file.read_text().replace("<main>", f"<main>{evil}")
    broken = tmp_path / "broken.html"
    broken.write_text(page_text)

    async def run() -> None:
        async with browser() as page:
            await page.open(broken.as_uri(), width=1280, height=900)
            assert await page.value("document.getElementById('evil').textContent") == "x"
            assert await page.value("typeof window.pwned") == "undefined"
            assert await page.value("getComputedStyle(document.querySelector('h1')).display") == "block"
            assert await page.value("getComputedStyle(document.getElementById('evil')).position") == "static"
            assert len([text for text in page.said if "Content Security Policy" in text]) >= 4

    asyncio.run(run())


def rules_shown(page: Page) -> Coroutine[Any, Any, Any]:
    """Return the rule and the count of each row that is shown, in order."""
    return page.value(
        "[...document.querySelectorAll('#secrets-table tbody tr')].filter(r => !r.hidden)"
        ".map(r => r.dataset.rule + ' ' + r.dataset.count)"
    )


STRIPE3, STRIPE1, PASSWORD = "stripe-secret-key 3", "stripe-secret-key 1", "generic-password 1"


def test_people_can_sort_and_filter(page_file: Path) -> None:
    """By words, by severity, by each column, with a keyboard, and what is left is said."""

    async def look(page: Page) -> None:
        assert await rules_shown(page) == [STRIPE3, STRIPE1, PASSWORD]
        typed = (
            "const w = document.getElementById('words'); w.value = %r; w.dispatchEvent(new Event('input'))"
        )
        await page.value(f"{{{typed % 'STRIPE pay'}}}")
        assert await rules_shown(page) == [STRIPE3, STRIPE1]
        assert await page.value("document.getElementById('shown').textContent") == "2 of 3 shown"
        await page.value(f"{{{typed % ''}}}")
        await page.value("document.querySelector('input[value=critical]').click()")
        assert await rules_shown(page) == [PASSWORD]
        await page.value("document.querySelector('input[value=critical]').click()")
        heads = "[...document.querySelectorAll('#secrets-table th[data-sort]')]"
        await page.value(f"{heads}.find(h => h.dataset.sort === 'first').querySelector('button').click()")
        assert await rules_shown(page) == [STRIPE1, STRIPE3, PASSWORD]
        assert await page.value(
            f"{heads}.filter(h => h.ariaSort === 'ascending').map(h => h.dataset.sort)"
        ) == ["first"]
        order = (
            "const o = document.getElementById('order'); o.value = %r; o.dispatchEvent(new Event('change'))"
        )
        await page.value(f"{{{order % 'count down'}}}")
        assert (await rules_shown(page))[0] == STRIPE3
        assert await page.value("document.querySelectorAll('button, input, select, a, summary').length") > 8
        focusable = (
            "[...document.querySelectorAll('button, input, select, a, summary')].every(e => e.tabIndex === 0)"
        )
        assert await page.value(focusable)

    looked_at(page_file, look)


def test_it_says_which_since_when_how_often_where_and_what_to_do(page_file: Path) -> None:
    """The text that people read, with and without the script."""

    async def look(page: Page) -> None:
        text = await page.value("document.body.innerText")
        assert (
            "3 secrets found 5 times in 2 files, from 2024-11-19 10:00:00Z to 2024-11-22 10:00:00Z: 3 days."
            in text
        )
        for words in (
            "a.log:1:34",
            "service pay",
            "Revoke it at Stripe",
            "Change it everywhere it is used",
            "sk_l…(40)",
        ):
            assert words in text
        link = "document.querySelector('#secrets-table a').href"
        assert await page.value(link) == "https://docs.stripe.com/keys"

    looked_at(page_file, look)
    looked_at(page_file, look, scripts=False)


CONTRAST = """(() => {
  const light = c => { const v = c.match(/[\\d.]+/g).map(Number);
    const [r, g, b] = v.slice(0, 3).map(x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
  return Math.min(...[...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length
      && !e.closest('script, svg'))
    .map(e => { const a = light(getComputedStyle(e).color), b = light(ground(e));
      return (Math.max(a, b) + .05) / (Math.min(a, b) + .05); }));
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_can_be_read_by_everyone(page_file: Path, *, dark: bool) -> None:
    """Text has the contrast of WCAG AA, in light and in dark; tables have headers, controls names."""

    async def look(page: Page) -> None:
        assert await page.value(CONTRAST) >= 4.5
        ground = await page.value("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(14, 17, 22)") is dark
        assert await page.value(
            "[...document.tables ?? document.querySelectorAll('table')].every(t => t.tHead)"
        )
        assert await page.value("[...document.querySelectorAll('th')].every(h => h.scope)")
        unnamed = (
            "[...document.querySelectorAll('input, select')].filter(e => !e.labels.length && !e.ariaLabel)"
        )
        assert await page.value(f"{unnamed}.length") == 0
        assert await page.value(
            "[...document.querySelectorAll('svg')].every(s => s.ariaHidden || s.ariaLabel)"
        )

    looked_at(page_file, look, dark=dark)
