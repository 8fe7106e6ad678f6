"""What the page does with any backend: the fake one, or a running stack's (THUMBPIPE_PAGE_URL)."""

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, FilePayload, Locator, Page, expect

from browser.watch import Watch

READY_MS: Final = 30_000


@pytest.fixture
def upload(page: Page, page_url: str, photo: FilePayload) -> Callable[[str], Locator]:
    """Upload a photo under that name; answer its card, once it is ready."""
    page.goto(page_url)

    def upload(name: str) -> Locator:
        page.locator("[data-files]").set_input_files({**photo, "name": name})
        card = page.locator(".card", has=page.get_by_text(name, exact=True))
        expect(card).to_have_attribute("data-state", "ready", timeout=READY_MS)
        return card

    return upload


@pytest.fixture
def name() -> str:
    return f"rocket-{secrets.token_hex(4)}.jpg"


def test_an_uploaded_photo_is_shown_from_its_thumbnails(upload: Callable[[str], Locator], name: str) -> None:
    picture = upload(name).locator("img")

    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("img => img.naturalWidth") > 0
    assert re.search(r"webp", picture.evaluate("img => img.currentSrc"))
    expect(picture).to_have_attribute("alt", name.removesuffix(".jpg").replace("-", " "))


def test_a_name_that_is_markup_stays_text(page: Page, upload: Callable[[str], Locator]) -> None:
    name = f"<img src=x onerror=alert({secrets.randbelow(10**6)})>.jpg"
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)

    upload(name).get_by_role("button", name="Show").click()

    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text(name)
    expect(page.locator('img[src="x"]')).to_have_count(0)
    assert dialogs == []


def test_the_original_is_downloaded_whole(
    page: Page, upload: Callable[[str], Locator], name: str, photo: FilePayload
) -> None:
    upload(name).get_by_role("button", name="Show").click()

    with page.expect_download() as download:
        page.get_by_role("link", name="Original").click()

    assert download.value.suggested_filename == name
    assert Path(download.value.path()).read_bytes() == photo["buffer"]


def test_a_deleted_photo_is_not_listed_after_a_reload(page: Page, upload: Callable[[str], Locator], name: str) -> None:
    card = upload(name)
    card.get_by_role("button", name=f"Delete {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(card).to_have_count(0, timeout=READY_MS)
    page.reload()
    expect(page.locator("[data-gallery]")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_text(name)).to_have_count(0)


def test_an_unsupported_type_is_refused_with_a_message(page: Page, page_url: str, name: str) -> None:
    page.goto(page_url)
    page.locator("[data-files]").set_input_files({"name": f"{name}.txt", "mimeType": "text/plain", "buffer": b"hello"})

    row = page.locator(".row")
    expect(row).to_have_attribute("data-state", "refused")
    expect(row.get_by_role("alert")).to_contain_text("image/jpeg")


def test_a_visit_is_quiet(page: Page, watch: Watch, upload: Callable[[str], Locator], name: str) -> None:
    upload(name).get_by_role("button", name="Show").click()
    expect(page.get_by_role("dialog").locator("img")).to_have_js_property("complete", value=True)

    assert watch.errors == []
    assert watch.failures == []
    assert watch.hosts == {urlsplit(page.url).netloc}
