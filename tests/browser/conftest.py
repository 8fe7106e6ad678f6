import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

from browser.fake_backend import FakeBackend, serve
from browser.watch import Watch

PHOTOS: Final = Path(__file__).parents[1] / "images" / "photos"
PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET: Final = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no browser on PATH (looked for {', '.join(PROGRAMS)})")
    # Chromium's sandbox refuses to run as root.
    arguments = [*QUIET, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else QUIET
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def backend() -> Iterator[FakeBackend]:
    with serve() as backend:
        yield backend


@pytest.fixture
def page_url(request: pytest.FixtureRequest) -> str:
    """The page of a running stack (THUMBPIPE_PAGE_URL), or else of the fake backend."""
    if url := os.environ.get("THUMBPIPE_PAGE_URL"):
        return url
    backend: FakeBackend = request.getfixturevalue("backend")
    return backend.page_url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a separate profile, in which no script may fail."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def watch(page: Page) -> Watch:
    return Watch(page)


@pytest.fixture(scope="session")
def photo() -> FilePayload:
    return {"name": "rocket.jpg", "mimeType": "image/jpeg", "buffer": (PHOTOS / "rocket.jpg").read_bytes()}
