"""Takes docs/images/page.png: python screenshot.py, in the environment of the browser tests plus pi-heif."""

import importlib
import io
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageOps
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from browser.fake_backend import serve

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "tests" / "images" / "photos"
# Oldest first.
SHOWN = [
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


def _reduced(name: str) -> bytes:
    with Image.open(PHOTOS / name) as photo:
        small = ImageOps.exif_transpose(photo).convert("RGB")
    small.thumbnail((1280, 1280))
    buffer = io.BytesIO()
    small.save(buffer, "jpeg", quality=92)
    return buffer.getvalue()


def main() -> None:
    """Show the photos as they come, with one that is still being sent."""
    importlib.import_module("pi_heif").register_heif_opener()
    with serve() as backend, sync_playwright() as playwright, TemporaryDirectory() as folder:
        for name in SHOWN:
            backend.current(backend.add(name, _reduced(name)))
        backend.upload_gate.clear()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 860})
        page.goto(backend.page_url)
        cat = Path(folder, "cat.jpg")
        cat.write_bytes(_reduced("cat.gif") + bytes(22_000_000))  # Enough to be seen on its way.
        page.locator("[data-files]").set_input_files(cat)
        page.wait_for_function("() => document.querySelectorAll('.loaded').length === 12")
        page.wait_for_function("() => document.querySelector('progress').value > 0.2")
        shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
        browser.close()
    colours = shot.convert("RGB")
    palette = colours.quantize(256, kmeans=4)
    colours.quantize(palette=palette).save(ROOT / "docs" / "images" / "page.png", optimize=True)


if __name__ == "__main__":
    main()
