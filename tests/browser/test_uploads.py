from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import FilePayload, Page, expect

from browser.fake_backend import MAX_BYTES, FakeBackend

CARRY: Final = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "image/jpeg" }));
    return data;
}"""


@pytest.fixture
def heavy(tmp_path: Path, photo: FilePayload) -> Path:
    """A photo that is more than the network's buffers take at once: what follows its end is ignored."""
    path = tmp_path / "rocket.jpg"
    path.write_bytes(photo["buffer"] + bytes(20_000_000))
    return path


def test_progress_is_shown_while_a_photo_is_sent(page: Page, backend: FakeBackend, heavy: Path) -> None:
    backend.upload_gate.clear()
    backend.processing_gate.clear()
    page.goto(backend.page_url)

    page.locator("[data-files]").set_input_files(heavy)

    bar = page.get_by_role("progressbar", name="Upload of rocket.jpg")
    page.wait_for_function("bar => bar.value > 0.3", arg=bar.element_handle())
    assert 0 < bar.evaluate("bar => bar.value") < 1
    backend.upload_gate.set()
    card = page.locator(".card")
    expect(card).to_have_attribute("data-state", "pending")
    expect(card.locator(".skeleton")).to_be_visible()
    expect(page.locator("[data-uploads]")).to_be_hidden()
    backend.processing_gate.set()
    expect(card).to_have_attribute("data-state", "ready")
    expect(page.get_by_role("status")).to_have_text("rocket.jpg is ready.")


def test_many_photos_are_sent_a_few_at_a_time_and_all_become_ready(
    page: Page, backend: FakeBackend, photo: FilePayload
) -> None:
    backend.upload_gate.clear()
    page.goto(backend.page_url)
    photos: list[FilePayload] = [{**photo, "name": f"{number}.jpg"} for number in range(8)]
    page.locator("[data-files]").set_input_files(photos)

    expect(page.locator('.row[data-state="sending"]')).to_have_count(3)
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(5)
    backend.upload_gate.set()
    expect(page.locator('.card[data-state="ready"]')).to_have_count(8)


def test_dropped_photos_are_uploaded(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    data = page.evaluate_handle(CARRY, ["dropped.jpg", "hello"])

    page.dispatch_event("main", "dragenter", {"dataTransfer": data})
    expect(page.locator("[data-drop]")).to_contain_class("over")
    page.dispatch_event("main", "drop", {"dataTransfer": data})

    expect(page.locator("[data-drop]")).not_to_contain_class("over")
    expect(page.locator(".card")).to_contain_text("dropped.jpg")


def test_pasted_photos_are_uploaded(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    data = page.evaluate_handle(CARRY, ["pasted.jpg", "hello"])

    data.evaluate("data => dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }))")

    expect(page.locator(".card")).to_contain_text("pasted.jpg")


def test_a_file_that_is_not_a_photo_is_shown_with_the_reason(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"})

    card = page.locator(".card")
    expect(card).to_have_attribute("data-state", "failed")
    expect(card).to_contain_text("The file is no image that thumbpipe reads.")


def test_a_photo_that_is_too_large_is_refused_before_it_is_sent(
    page: Page, backend: FakeBackend, tmp_path: Path
) -> None:
    path = tmp_path / "rocket.jpg"
    path.write_bytes(bytes(MAX_BYTES + 1))
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files(path)

    expect(page.get_by_role("alert")).to_have_text(f"size_bytes is between 1 and {MAX_BYTES}.")
    assert "POST /image-bucket" not in backend.requests
    page.get_by_role("button", name="Dismiss rocket.jpg").click()
    expect(page.locator("[data-uploads]")).to_be_hidden()
    expect(page.locator("[data-files]")).to_be_focused()


def test_a_heic_photo_is_recognized_by_its_name_if_the_browser_has_no_type(page: Page, backend: FakeBackend) -> None:
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files({"name": "a.HEIC", "mimeType": "", "buffer": b"heic"})

    expect(page.locator(".card")).to_contain_text("a.HEIC")
    assert [entry["content_type"] for entry in backend.entries.values()] == ["image/heic"]


def test_an_expired_upload_is_requested_once_more(page: Page, backend: FakeBackend, photo: FilePayload) -> None:
    backend.expired_uploads = 1
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files(photo)

    expect(page.locator(".card")).to_have_attribute("data-state", "ready")
    assert backend.requests.count("POST /api/uploads") == 2
    assert len(backend.entries) == 1


def test_an_upload_that_expires_twice_says_so(page: Page, backend: FakeBackend, photo: FilePayload) -> None:
    backend.expired_uploads = 2
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files(photo)

    expect(page.get_by_role("alert")).to_contain_text("Policy expired")
    assert backend.requests.count("POST /image-bucket") == 2


def test_an_upload_that_the_storage_refuses_is_shown_as_a_sentence(
    page: Page, backend: FakeBackend, photo: FilePayload
) -> None:
    backend.storage_error = "<Error><Code>EntityTooLarge</Code><Message>Too big</Message></Error>"
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files(photo)

    expect(page.get_by_role("alert")).to_have_text("The photo is larger than allowed.")
    expect(page.locator(".card")).to_have_count(0)


def test_a_cancelled_upload_leaves_nothing(page: Page, backend: FakeBackend, heavy: Path) -> None:
    backend.upload_gate.clear()
    page.goto(backend.page_url)
    page.locator("[data-files]").set_input_files(heavy)
    expect(page.locator(".row")).to_contain_text("%")

    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.get_by_role("button", name="Cancel rocket.jpg").click()

    expect(page.locator("[data-uploads]")).to_be_hidden()
    assert backend.entries == {}
