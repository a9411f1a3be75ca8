"""Chromium, as the tests open pages in it: from disk, and without a network."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is here")


@dataclass
class Opened:
    """A page that was opened, and what it said and asked for meanwhile."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def faults(self) -> list[str]:
        """What axe-core finds, grave or not.

        It judges no contrast before a gradient, which edges of what scrolls are.
        """
        self.page.evaluate(
            "for (const one of document.querySelectorAll('main *, nav'))"
            " if (getComputedStyle(one).backgroundImage.includes('gradient'))"
            " one.style.backgroundImage = 'none'"
        )
        found = Axe().run(self.page).response["violations"]
        return [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found]


@contextmanager
def started() -> Iterator[Browser]:
    """The browser, until the end of a test module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=_ARGUMENTS, headless=True
        )
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, **options: Any) -> Iterator[Opened]:
    """*path* in a window of its own; *options* are those of a browser context."""
    context = browser.new_context(**options)
    one = Opened(context.new_page())
    one.page.on("console", lambda message: one.said.append(message.text))
    one.page.on("pageerror", lambda error: one.said.append(str(error)))
    one.page.on("dialog", lambda dialog: one.said.append(dialog.message))
    one.page.on("request", lambda request: one.asked.append(request.url))
    one.page.goto(path.as_uri())
    yield one
    context.close()


def draw_all(page: Page) -> int:
    """Wait until every chart of *page* is drawn; how many there are."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('.chart')].every("
        "one => one.data && one.querySelector('.main-svg'))"
    )
    return page.locator("figure.plot").count()


def unfold(page: Page) -> None:
    """Open all that is folded: tables of charts are made then."""
    page.evaluate(
        "for (const one of document.querySelectorAll('details')) one.open = true"
    )


def shorten(page: Page, rows: int) -> None:
    """Take from each table what is after so many *rows*, which are alike."""
    page.evaluate(
        "most => { for (const body of document.querySelectorAll('tbody'))"
        " for (const row of [...body.rows].slice(most)) row.remove(); }",
        rows,
    )
