"""A headless Chromium, and pages of it that must stay silent and ask nobody for anything."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = os.environ.get("TOMBENCH_BROWSER") == "required"
PATIENCE = 30_000  # milliseconds that a busy machine may take


@dataclass
class Opened:
    """A page, what it complained of, and what it asked the network or the disk for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def go(self, route: str) -> None:
        """Open another page of the report."""
        self.page.evaluate("route => { location.hash = route }", route)

    def finds(self, records: int, of: int) -> None:
        """Waits until the explorer says that so many of so many records are found."""
        self.shows(".told[role=status] strong", f"{records:,} of {of:,} records")

    def shows(self, selector: str, text: str) -> None:
        """Waits until one element has just this text."""
        from playwright.sync_api import expect

        expect(self.page.locator(selector)).to_have_text(text, timeout=PATIENCE)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for a module's tests."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        _missing(f"no browser: none of {', '.join(NAMES)} is installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed; it is among the extra tombench[test]")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def _missing(reason: str) -> None:
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[..., Opened]]:
    """Opens an address without a network; in the end nothing was complained of or fetched."""
    all_opened: list[tuple[Opened, Any, str]] = []

    def open_page(address: str, route: str = "", **options: Any) -> Opened:
        context = chromium.new_context(offline=True, **options)
        context.set_default_timeout(PATIENCE)
        one = Opened(context.new_page())
        one.page.on(
            "console",
            lambda said: said.type in ("error", "warning") and one.complaints.append(said.text),
        )
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.page.goto(address + route)
        all_opened.append((one, context, address))
        return one

    yield open_page
    for one, context, address in all_opened:
        context.close()
        assert one.complaints == []
        assert {url.partition("#")[0] for url in one.requests if not url.startswith("data:")} == {
            address
        }
