import base64
import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from typer.testing import Result

from images import make
from thumbpipe.cli.blur import blur

Run = Callable[..., Result]

NASTY: Final = "<img src=x onerror=alert(1)>&\"'.jpg"


class Seen(HTMLParser):
    """What a browser would make of a page: its elements and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.images: list[bytes] = []
        self.elements: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        for name, value in attrs:
            if name in {"src", "href"} and value:
                self.addresses.append(value)
                self.images.append(base64.b64decode(value.partition("base64,")[2]))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def page(run: Run, tmp_path: Path, jpeg: bytes) -> Callable[..., str]:
    """Render a picture and return the sheet's text."""

    def write(*options: str, name: str = "beach.jpg", content: bytes = jpeg) -> str:
        (tmp_path / name).write_bytes(content)
        run("render", tmp_path / name, "-o", tmp_path / "out", "--sheet", tmp_path / "far/away/sheet.html", *options)
        return (tmp_path / "far/away/sheet.html").read_text(encoding="utf-8")

    return write


def test_source_placeholder_and_renditions_are_in_the_sheet_itself(page: Callable[..., str], jpeg: bytes) -> None:
    seen = Seen(page("--widths", "32,64", "--formats", "webp,png"))

    assert all(address.startswith("data:image/") for address in seen.addresses)
    source, placeholder, *renditions = seen.images
    assert source == jpeg
    assert Image.open(BytesIO(placeholder)).size == (32, 32)
    assert [(Image.open(BytesIO(each)).format, Image.open(BytesIO(each)).width) for each in renditions] == [
        ("PNG", 32),
        ("PNG", 64),
        ("WEBP", 32),
        ("WEBP", 64),
    ]
    assert "1 of 1 files rendered" in seen.text
    assert "JPEG · 256 × 256" in seen.text  # noqa: RUF001 - the sign that people read


def test_a_file_name_is_only_text(page: Callable[..., str]) -> None:
    harmless, nasty = Seen(page()), Seen(page(name=NASTY.replace("/", "")))

    assert nasty.elements == harmless.elements
    assert NASTY in nasty.text


def test_the_sheet_forbids_itself_scripts_and_the_network(page: Callable[..., str]) -> None:
    content = page()

    assert "default-src 'none'; img-src data:" in content
    assert not re.search(r"<script|https?://|@import|url\(", content)


def test_a_refused_file_is_in_the_sheet_with_its_reason(page: Callable[..., str]) -> None:
    seen = Seen(page(content=b"Dear Sir or Madam"))

    assert "not_an_image" in seen.text
    assert "0 of 1 files rendered" in seen.text


def test_a_source_that_browsers_do_not_show_is_named_and_left_out(page: Callable[..., str]) -> None:
    seen = Seen(page(name="scan.tif", content=make.saved(make.quadrants(), "TIFF")))

    assert "TIFF" in seen.text
    assert not any(address.startswith("data:image/tiff") for address in seen.addresses)


def test_a_sheet_that_cannot_be_written_is_a_sentence(run: Run, photo: Path, tmp_path: Path) -> None:
    result = run("render", photo, "-o", tmp_path / "out", "--sheet", photo / "sheet.html")

    assert result.exit_code == 1
    assert "The sheet cannot be written" in result.stderr


@pytest.mark.parametrize(
    ("placeholder", "size", "pixels"),
    [
        ("ofgRLYZ3iHd/iIiLeJd4iImAlqgJ", (32, 23), [(242, 252, 255, 255), (152, 128, 113, 255), (87, 129, 51, 255)]),
        ("YggKDQK1qz+4mWhmaYaYdnOwAyQd", (23, 32), [(177, 197, 193, 255), (125, 107, 97, 255), (132, 116, 98, 255)]),
        ("1fsrAf+IiIiIiAiIh4hwiAg=", (32, 5), [(0, 144, 149, 255), (255, 0, 0, 255), (0, 0, 3, 255)]),
        ("WuuCAwA3h3aYiPgJi5awGAlni3ZwaWc=", (19, 32), [(200, 82, 32, 0), (200, 82, 32, 255), (200, 82, 32, 0)]),
    ],
)
def test_a_placeholder_is_drawn_as_the_reference_draws_it(
    placeholder: str, size: tuple[int, int], pixels: list[tuple[int, int, int, int]]
) -> None:
    """Top left, middle and bottom right, as npm's thumbhash 0.1.1 draws them."""
    drawn = blur(placeholder)

    assert drawn.size == size
    for place, expected in zip(((0, 0), (size[0] // 2, size[1] // 2), (size[0] - 1, size[1] - 1)), pixels, strict=True):
        assert drawn.getpixel(place) == pytest.approx(expected, abs=1)
