import io
import struct

import pytest
from PIL import Image

from images import make
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render


@pytest.mark.parametrize(
    ("depth", "row", "grey"), [(1, b"\x40", 1), (2, b"\x20", 2), (4, b"\x07\x00", 7), (8, b"\0\x70\0\0", 0x70)]
)
def test_the_grey_that_a_png_declares_transparent_is_so_at_every_depth(depth: int, row: bytes, grey: int) -> None:
    """A row of four (4 bits: of three) pixels whose second is the transparent one."""
    transparent = make.png_chunk(b"tRNS", struct.pack(">H", grey))
    source = make.png((3, 1), depth=depth, colour_type=0, rows=b"\0" + row, chunks=(transparent,))

    rendered = render(source, Recipe(widths=(3,), formats=(OutputFormat.PNG,)), Limits())

    with Image.open(io.BytesIO(rendered.renditions[0].data)) as image:
        assert list(image.convert("RGBA").getchannel("A").tobytes()) == [255, 0, 255]
