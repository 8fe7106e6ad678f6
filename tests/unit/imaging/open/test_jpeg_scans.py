"""A scan goes over the whole picture: the number of scans is bounded, whatever else a file says."""

import time
from io import BytesIO
from typing import Final

import pytest
from PIL import Image

from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.jpeg.scans import check_scans
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import render

START: Final = b"\xff\xd8"
END: Final = b"\xff\xd9"
BASELINE: Final = 0xC0
PROGRESSIVE: Final = 0xC2


def frame(kind: int, components: int) -> bytes:
    """The header of a picture of 64 x 64."""
    body = b"\x08\x00\x40\x00\x40" + bytes([components]) + b"".join(bytes([c, 0x11, 0]) for c in range(components))
    return b"\xff" + bytes([kind]) + (2 + len(body)).to_bytes(2, "big") + body


def scan(components: int) -> bytes:
    body = bytes([components]) + b"".join(bytes([c, 0]) for c in range(components)) + b"\x00\x3f\x00"
    return b"\xff\xda" + (2 + len(body)).to_bytes(2, "big") + body + b"\x12\x34\xff\x00\x56"


@pytest.mark.parametrize(
    "file",
    [
        START + frame(PROGRESSIVE, 3) + scan(1) * 101 + END,
        START + frame(PROGRESSIVE, 3) + scan(3) + scan(1) * 101 + END,
        START + frame(PROGRESSIVE, 1) + scan(1) * 101 + END,
        START + frame(BASELINE, 3) + scan(1) * 101 + END,
        START + frame(BASELINE, 3) + scan(1) + scan(3) + scan(1) * 101 + END,
    ],
    ids=["progressive", "all components first", "grey", "one component a scan", "all components second"],
)
def test_more_scans_than_any_photo_has_are_refused(file: bytes) -> None:
    with pytest.raises(ValueError, match="scans"):
        check_scans(file)


@pytest.mark.parametrize("components", [1, 3, 4])
def test_a_hundred_scans_are_accepted(components: int) -> None:
    check_scans(START + frame(PROGRESSIVE, components) + scan(1) * 100 + END)
    check_scans(START + frame(BASELINE, components) + scan(components) + END + START + scan(1) * 101)


def test_scans_after_a_whole_one_are_not_decoded() -> None:
    photo = make_photo()
    again = photo[photo.rindex(b"\xff\xda") : -len(END)]
    started = time.process_time()

    with pytest.raises(InvalidImageError) as refusal:
        render(photo[: -len(END)] + again * 200 + END, Recipe(), Limits())

    assert refusal.value.code is ErrorCode.CORRUPT
    assert time.process_time() - started < 1


def make_photo() -> bytes:
    file = BytesIO()
    Image.radial_gradient("L").resize((2_000, 2_000)).convert("RGB").save(file, "JPEG")
    return file.getvalue()
