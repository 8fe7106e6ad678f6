from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from browser.fake_backend import FakeBackend
from browser.watch import Watch

COFFEE: Final = Path(__file__).parents[1].joinpath("images", "photos", "coffee.png").read_bytes()
HIDDEN: Final = "Object.defineProperty(document, 'hidden', { get: () => window.isHidden ?? false })"
SET_HIDDEN: Final = "hidden => { window.isHidden = hidden; document.dispatchEvent(new Event('visibilitychange')); }"


@pytest.fixture
def three(backend: FakeBackend) -> list[str]:
    """The names of three photos, oldest first."""
    names = ["first.jpg", "second.jpg", "third.jpg"]
    for name in names:
        backend.add(name, COFFEE)
    return names


def test_an_empty_gallery_says_so(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)

    expect(page.get_by_text("No photos yet.")).to_be_visible()


def test_pictures_come_from_the_name_that_the_page_was_opened_by(
    page: Page, backend: FakeBackend, watch: Watch
) -> None:
    backend.delivery_url = "https://another-name-of-the-distribution.example"
    backend.add("coffee.png", COFFEE)
    page.goto(backend.page_url)
    page.get_by_role("button", name="Show coffee.png").click()

    expect(page.get_by_role("dialog").locator("img")).to_have_js_property("complete", value=True)
    links = page.get_by_role("dialog").get_by_role("link")
    assert all(link.evaluate("link => link.href").startswith(backend.url) for link in links.all())
    assert watch.hosts == {backend.url.removeprefix("http://")}
    assert watch.errors == []


def test_an_unknown_page_leads_back(page: Page, backend: FakeBackend, watch: Watch) -> None:
    answer = page.goto(f"{backend.url}/no/such/page")
    assert answer is not None
    assert answer.status == 404
    logo = page.locator("img")
    expect(logo).to_have_js_property("complete", value=True)
    assert logo.evaluate("logo => logo.naturalWidth") > 0
    page.get_by_role("link", name="Go to the photos").click()

    expect(page.get_by_text("No photos yet.")).to_be_visible()
    # Chromium's own word about the page's status is the only one.
    assert [error for error in watch.errors if "404" not in error] == []


def test_photos_are_shown_newest_first_and_more_on_demand(page: Page, backend: FakeBackend) -> None:
    for number in range(30):
        backend.add(f"{number}.jpg", b"no photo")
    page.goto(backend.page_url)
    names = page.locator(".card .name")
    expect(names).to_have_text([f"{number}.jpg" for number in range(29, 5, -1)])

    page.get_by_role("button", name="Show more").press("Enter")

    expect(names).to_have_text([f"{number}.jpg" for number in range(29, -1, -1)])
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    expect(page.get_by_role("button", name="Show 5.jpg")).to_be_focused()


@pytest.mark.usefixtures("three")
def test_the_preview_can_be_used_with_the_keyboard_only(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    expect(page.locator('[data-state="ready"]')).to_have_count(3)
    page.locator("[data-files]").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Show third.jpg")).to_be_focused()

    page.keyboard.press("Enter")
    title = page.get_by_role("dialog").get_by_role("heading")
    expect(title).to_have_text("third.jpg")
    page.keyboard.press("ArrowLeft")  # There is no newer one.
    expect(title).to_have_text("third.jpg")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("first.jpg")
    expect(page.get_by_role("button", name="Next photo")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text("second.jpg")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Show second.jpg")).to_be_focused()


@pytest.mark.usefixtures("three")
def test_the_preview_shows_the_largest_rendition_and_the_facts(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    page.get_by_role("button", name="Show second.jpg").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.locator("img")).to_have_js_property("naturalWidth", 600)
    expect(dialog.locator("dl")).to_contain_text("600 × 400")  # noqa: RUF001 - as it is written
    expect(dialog.locator("dl")).to_contain_text("467 kB")


def test_the_preview_continues_beyond_the_loaded_photos(page: Page, backend: FakeBackend) -> None:
    for number in range(25):
        backend.add(f"{number}.jpg", b"no photo")
    page.goto(backend.page_url)
    page.get_by_role("button", name="Show 1.jpg", exact=False).last.click()

    page.keyboard.press("ArrowRight")

    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text("0.jpg")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", " JAVASCRIPT:x"]
)
def test_only_a_web_address_becomes_a_link(page: Page, backend: FakeBackend, address: str) -> None:
    backend.current(backend.add("first.jpg", b"no photo"))["original_url"] = address
    page.goto(backend.page_url)
    page.get_by_role("button", name="Show first.jpg").click()

    expect(page.get_by_role("list", name="Downloads")).to_contain_text("Original")
    expect(page.get_by_role("list", name="Downloads").get_by_role("link")).to_have_count(0)


def test_a_name_that_turns_round_leaves_the_text_beside_it_alone(page: Page, backend: FakeBackend) -> None:
    backend.add("photo\u202egpj.exe", b"no photo")
    page.goto(backend.page_url)
    page.get_by_role("button", name="Delete").click()

    name = page.get_by_role("dialog").locator("[data-name]")
    expect(name).to_have_css("unicode-bidi", "isolate")
    expect(page.locator("[data-grid] [data-name]")).to_have_css("unicode-bidi", "isolate")


@pytest.mark.usefixtures("three")
def test_each_rendition_is_downloaded_under_a_descriptive_name(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    page.get_by_role("button", name="Show first.jpg").click()
    expect(page.get_by_role("list", name="Downloads").get_by_role("link")).to_have_count(7)

    with page.expect_download() as download:
        page.get_by_role("link", name="WEBP 320").click()

    assert download.value.suggested_filename == "first-320.webp"


@pytest.mark.usefixtures("three")
def test_a_photo_is_kept_unless_the_deletion_is_confirmed(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    page.get_by_role("button", name="Delete second.jpg").click()
    expect(page.get_by_role("dialog")).to_contain_text("second.jpg and all its thumbnails go for good.")
    page.keyboard.press("Enter")  # The focus is on the harmless choice.

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".card")).to_have_count(3)
    assert len(backend.entries) == 3


@pytest.mark.usefixtures("three")
def test_after_a_deletion_the_focus_is_on_the_next_photo(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    page.get_by_role("button", name="Delete second.jpg").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.locator(".card .name")).to_have_text(["third.jpg", "first.jpg"])
    expect(page.get_by_role("button", name="Show first.jpg")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("The photo was deleted.")
    assert [entry["filename"] for entry in backend.entries.values()] == ["first.jpg", "third.jpg"]


@pytest.mark.usefixtures("three")
def test_a_photo_deleted_in_the_preview_gives_way_to_its_neighbour(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    page.get_by_role("button", name="Show second.jpg").click()
    preview = page.get_by_role("dialog", name="second.jpg")
    preview.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete this photo?").get_by_role("button", name="Delete").click()

    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text("first.jpg")


@pytest.mark.usefixtures("three")
def test_a_picture_whose_url_has_expired_is_reloaded(page: Page, backend: FakeBackend) -> None:
    backend.broken_pictures = 3
    page.goto(backend.page_url)

    expect(page.locator(".card .loaded img")).to_have_count(3)


def test_a_picture_that_stays_broken_is_reloaded_only_once(page: Page, backend: FakeBackend, three: list[str]) -> None:
    backend.broken_pictures = 1_000
    page.goto(backend.page_url)

    expect(page.locator(".card .broken")).to_have_count(3)
    singles = [request for request in backend.requests if request.startswith("GET /api/images/")]
    assert len(singles) == len(three)


@pytest.mark.usefixtures("three")
def test_an_unreachable_api_is_shown_and_can_be_retried(page: Page, backend: FakeBackend) -> None:
    backend.down = True
    page.goto(backend.page_url)
    expect(page.get_by_role("alert")).to_contain_text("The API does not answer.")
    expect(page.locator("[data-empty]")).to_be_hidden()

    backend.down = False
    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".card")).to_have_count(3)
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.usefixtures("three")
def test_a_failed_deletion_is_shown_and_can_be_retried(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    page.get_by_role("button", name="Delete first.jpg").click()
    backend.down = True
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert")).to_contain_text("The API does not answer.")
    expect(page.locator(".card")).to_have_count(3)

    backend.down = False
    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".card")).to_have_count(2)


@pytest.mark.usefixtures("three")
def test_nothing_is_requested_while_the_page_is_hidden(page: Page, backend: FakeBackend, watch: Watch) -> None:
    backend.processing_gate.clear()
    page.clock.install()
    page.add_init_script(HIDDEN)
    page.goto(backend.page_url)
    expect(page.locator('.card[data-state="pending"]')).to_have_count(3)
    page.evaluate(SET_HIDDEN, arg=True)
    before = len(watch.requests)

    page.clock.run_for(60_000)

    assert len(watch.requests) == before
    backend.processing_gate.set()
    page.evaluate(SET_HIDDEN, arg=False)
    page.clock.run_for(1_000)
    expect(page.locator('.card[data-state="ready"]')).to_have_count(3)


def test_a_pending_photo_is_polled_at_increasing_intervals(page: Page, backend: FakeBackend, watch: Watch) -> None:
    backend.promise({"filename": "never-sent.jpg", "content_type": "image/jpeg", "size_bytes": 5})
    page.clock.install()
    page.goto(backend.page_url)
    expect(page.locator('.card[data-state="pending"]')).to_have_count(1)
    for delay in (700, 1000, 1500, 2500, 4000):
        with page.expect_response("**/api/images/*"):
            page.clock.run_for(delay)
    before = len(watch.requests)

    page.clock.run_for(7_000)

    assert len(watch.requests) == before
    with page.expect_response("**/api/images/*"):
        page.clock.run_for(1_000)
