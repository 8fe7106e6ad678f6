"""axe-core's rules on the states of the page, and what no rule sees."""

from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import FilePayload, Page, expect

from browser.fake_backend import FakeBackend

COFFEE: Final = Path(__file__).parents[1].joinpath("images", "photos", "coffee.png").read_bytes()
AXE: Final = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


@pytest.fixture
def gallery(page: Page, backend: FakeBackend) -> Page:
    """The page with a ready photo, a failed one and a pending one, and an upload that is refused."""
    backend.add("coffee-cup.png", COFFEE)
    backend.add("notes.jpg", b"no photo")
    backend.promise({"filename": "never-sent.jpg", "content_type": "image/jpeg", "size_bytes": 5})
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"})
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator(".loaded img")).to_have_css("opacity", "1")
    return page


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [f"{rule['id']}: {node['html']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_gallery_breaks_no_rule(gallery: Page, scheme: Literal["light", "dark"]) -> None:
    gallery.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    assert violations(gallery) == []


def test_the_gallery_breaks_no_rule_on_a_phone(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 360, "height": 740})

    assert violations(gallery) == []
    assert gallery.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["coffee-cup.png", "notes.jpg"])
def test_the_preview_breaks_no_rule(gallery: Page, scheme: Literal["light", "dark"], name: str) -> None:
    gallery.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    gallery.get_by_role("button", name=f"Show {name}").click()

    assert violations(gallery) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_not_found_page_breaks_no_rule(page: Page, backend: FakeBackend, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{backend.url}/no/such/page")

    assert violations(page) == []


def test_the_deletion_dialog_breaks_no_rule(gallery: Page) -> None:
    gallery.get_by_role("button", name="Delete notes.jpg").click()

    assert violations(gallery) == []


def test_every_control_shows_that_it_has_the_focus(gallery: Page) -> None:
    seen = set()
    for _ in range(12):
        gallery.keyboard.press("Tab")
        seen.add(gallery.evaluate("document.activeElement.ariaLabel ?? document.activeElement.tagName"))
        outlined = "e => [e, e.parentElement].some(n => getComputedStyle(n).outlineStyle === 'solid')"
        focused = gallery.locator(":focus")
        assert focused.count() == 0 or focused.evaluate(outlined)
    assert {"Dismiss a.txt", "Show coffee-cup.png", "Delete coffee-cup.png", "Delete never-sent.jpg"} <= seen


def test_nothing_moves_if_reduced_motion_is_preferred(page: Page, backend: FakeBackend, photo: FilePayload) -> None:
    backend.processing_gate.clear()
    page.emulate_media(reduced_motion="reduce")
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files(photo)

    expect(page.locator(".skeleton")).to_have_css("animation-name", "none")
