"""Takes docs/images/page.png of an empty stack that runs: python screenshot.py PAGE_URL, beside the browser tests.

The photos go the whole way, and the picture is of a second visitor, whose thumbnails all come from the distribution's
cache; the program ends with status 1 if one does not.
"""

import importlib
import io
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, Response, sync_playwright

ROOT: Final = Path(__file__).parents[2]
PHOTOS: Final = ROOT / "tests" / "images" / "photos"
# Oldest first.
SHOWN: Final = [
    "coffee.png",
    "autumn-hills.avif",
    "nuthatch.heic",
    "rocket.jpg",
    "summer-palace.tif",
    "two-dogs.jpg",
    "fig.webp",
    "sunset.jpg",
    "paintbrushes.jpg",
    "forest-stream.jpg",
    "mountain-trail.jpg",
    "dandelions.jpg",
]
READY_MS: Final = 60_000
SLOW: Final = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4_000_000}


def _large_photo(folder: Path) -> Path:
    """A photo that is seen on its way."""
    importlib.import_module("pi_heif").register_heif_opener()
    with Image.open(PHOTOS / "cat.gif") as photo:
        small = ImageOps.exif_transpose(photo).convert("RGB")
    buffer = io.BytesIO()
    small.save(buffer, "jpeg", quality=92)
    large = folder / "cat.jpg"
    large.write_bytes(buffer.getvalue() + bytes(22_000_000))
    return large


def _new_visitor(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 1200, "height": 860}, locale="en-GB").new_page()
    page.set_default_timeout(READY_MS)
    return page


def _send_all(browser: Browser, url: str) -> None:
    page = _new_visitor(browser)
    page.goto(url)
    for count, name in enumerate(SHOWN, 1):
        page.locator("[data-files]").set_input_files(PHOTOS / name)
        page.wait_for_function("count => document.querySelectorAll('.loaded').length === count", arg=count)


def _see(browser: Browser, url: str, folder: Path) -> tuple[bytes, list[str]]:
    """Return a picture of the page, and what the cache said of each thumbnail."""
    page = _new_visitor(browser)
    seen: list[Response] = []
    page.on("response", lambda answer: seen.append(answer) if "/thumbs/" in answer.url else None)
    page.goto(url)
    page.wait_for_function("count => document.querySelectorAll('.loaded').length === count", arg=len(SHOWN))
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    page.locator("[data-files]").set_input_files(_large_photo(folder))
    page.wait_for_function("() => document.querySelector('progress').value > 0.5")
    picture = page.screenshot(animations="disabled")
    return picture, [answer.headers.get("x-cache", "") for answer in seen]


def main() -> int:
    """Show the photos as they come, with one that is still being sent."""
    url = sys.argv[1]
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        _send_all(browser, url)
        picture, said = _see(browser, url, Path(folder))
        browser.close()
    colours = Image.open(io.BytesIO(picture)).convert("RGB")
    palette = colours.quantize(256, kmeans=4)
    colours.quantize(palette=palette).save(ROOT / "docs" / "images" / "page.png", optimize=True)
    hits = said.count("Hit from cloudfront")
    sys.stdout.write(f"{hits} of {len(said)} thumbnails came from the cache\n")
    return 0 if hits == len(said) >= len(SHOWN) else 1


if __name__ == "__main__":
    sys.exit(main())
