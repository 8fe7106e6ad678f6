"""Sixteen bits per sample, in every layout that PNG and TIFF have for them. The files are written by hand."""

import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from images import make, written

PngOf = Callable[..., Image.Image]
CHANNELS: Final = {0: 1, 2: 3, 4: 2, 6: 4}


def samples(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def flat(colour_type: int, pixel: Sequence[int], size: tuple[int, int] = (64, 48), *chunks: bytes) -> bytes:
    row = b"\0" + samples(*pixel) * size[0]
    return make.png(size, depth=16, colour_type=colour_type, rows=row * size[1], chunks=chunks)


@pytest.mark.parametrize("size", [(64, 48), (700, 480), (3000, 2000)])
@pytest.mark.parametrize(
    ("colour_type", "pixel", "expected"),
    [
        (0, (0x80F0,), 128),
        (0, (0x40FF,), 65),  # upper bytes alone would say 64
        (2, (0x10FF, 0x80C0, 0xFEFE), (17, 128, 254)),
        (6, (0x10FF, 0x80C0, 0xFEFE, 0xFFFF), (17, 128, 254)),
        (4, (0x40FF, 0xFFFF), (65, 65, 65)),
    ],
)
def test_samples_are_rounded_once(
    png_of: PngOf, colour_type: int, pixel: tuple[int, ...], expected: object, size: tuple[int, int]
) -> None:
    assert png_of(flat(colour_type, pixel, size), 32).getpixel((16, 12)) == expected


def test_transparency_of_sixteen_bits_is_kept(png_of: PngOf) -> None:
    image = png_of(flat(6, (0xFFFF, 0x8000, 0, 0x8000)), 32)
    assert image.getpixel((16, 12)) == pytest.approx((255, 128, 0, 128), abs=2)
    image = png_of(flat(4, (0x8000, 0x4000)), 32)
    assert image.getpixel((16, 12)) == pytest.approx((128, 128, 128, 64), abs=2)


@pytest.mark.parametrize(("colour_type", "clear"), [(0, (0x1234,)), (2, (0x1234, 0x5678, 0x9ABC))])
def test_the_one_colour_that_is_declared_transparent_is(
    png_of: PngOf, colour_type: int, clear: tuple[int, ...]
) -> None:
    near = tuple(value + 1 for value in clear)  # its upper byte is the same
    row = b"\0" + samples(*clear) * 32 + samples(*near) * 32
    chunk = make.png_chunk(b"tRNS", samples(*clear))
    image = png_of(make.png((64, 48), depth=16, colour_type=colour_type, rows=row * 48, chunks=(chunk,)), 64)
    alpha = image.getchannel("A")
    assert (alpha.getpixel((10, 10)), alpha.getpixel((50, 10))) == (0, 255)


def test_hidden_colours_of_sixteen_bits_do_not_bleed(png_of: PngOf) -> None:
    row = b"\0" + samples(0, 0, 0, 0) * 165 + samples(65535, 65535, 65535, 65535) * 165
    image = png_of(make.png((330, 240), depth=16, colour_type=6, rows=row * 240), 100)
    pixels = [image.getpixel((x, 36)) for x in range(100)]
    assert any(0 < pixel[3] < 255 for pixel in pixels if isinstance(pixel, tuple))
    assert all(min(pixel[:3]) >= 254 for pixel in pixels if isinstance(pixel, tuple) and pixel[3] > 16)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [1, 8, 32946])
def test_a_tiff_of_sixteen_bits_is_read_whole(png_of: PngOf, order: str, compression: int) -> None:
    source = written.tiff((64, 48), [16, 16, 16], [0x10FF, 0x80C0, 0xFEFE], order=order, compression=compression)
    assert png_of(source, 32).getpixel((16, 12)) == (17, 128, 254)


def test_a_profile_spreads_sixteen_bits_without_bands(png_of: PngOf, photos: Path) -> None:
    """Adobe RGB's darks are spread by sRGB's straight part: with eight bits between, levels would be missing."""
    with Image.open(photos / "rocket.jpg") as photo:
        profile = photo.info["icc_profile"]
    row = b"\0" + b"".join(samples(x * 8) * 3 for x in range(1024))
    chunk = make.png_chunk(b"iCCP", b"Adobe\0\0" + zlib.compress(profile))
    image = png_of(make.png((1024, 64), depth=16, colour_type=2, rows=row * 64, chunks=(chunk,)), 1024)
    levels = list(image.resize((1024, 1), Image.Resampling.BOX).getchannel("G").tobytes())
    assert set(range(levels[0], levels[-1] + 1)) == set(levels)


@pytest.mark.parametrize("colour_type", [0, 2, 4, 6])
def test_samples_of_more_than_50_megapixels_are_rounded_once_too(png_of: PngOf, colour_type: int) -> None:
    pixel = {0: (0x40FF,), 2: (0x10FF, 0x80C0, 0xFEFE), 4: (0x40FF, 0x8000), 6: (0x10FF, 0x80C0, 0xFEFE, 0x8000)}
    image = png_of(flat(colour_type, pixel[colour_type], (10_100, 5_000)), 32)
    expected = {0: 65, 2: (17, 128, 254), 4: (65, 65, 65, 128), 6: (17, 128, 254, 128)}
    assert image.getpixel((16, 8)) == pytest.approx(expected[colour_type], abs=2 if colour_type > 2 else 0)


def test_a_ramp_shrunk_while_it_is_decoded_has_each_level_once(png_of: PngOf) -> None:
    row = b"\0" + b"".join(samples(round(65535 * x / 1019)) * 3 for x in range(1020))
    image = png_of(make.png((1020, 480), depth=16, colour_type=2, rows=row * 480), 255)
    levels = image.crop((0, 60, 255, 61)).getchannel("G").tobytes()
    assert levels == bytes(sorted(levels))
    assert [levels[x] for x in range(4, 251)] == pytest.approx(
        [255 * (4 * x + 1.5) / 1019 for x in range(4, 251)], abs=1
    )


@pytest.mark.parametrize("alpha", [0xFFFF, 0x8000])
@pytest.mark.parametrize("colour_type", [0, 2, 4, 6])
def test_the_gamma_of_sixteen_bits_is_honoured_in_each_layout(colour_type: int, alpha: int, png_of: PngOf) -> None:
    """Half of the light, by gamma 1, is 188 of 255 in sRGB."""
    pixel = {0: (0x8000,), 2: (0x8000,) * 3, 4: (0x8000, alpha), 6: (0x8000, 0x8000, 0x8000, alpha)}[colour_type]
    gama = make.png_chunk(b"gAMA", struct.pack(">I", 100_000))
    image = png_of(flat(colour_type, pixel, (64, 48), gama), 32).convert("RGBA")
    assert image.getpixel((16, 12)) == pytest.approx(
        (188, 188, 188, pixel[-1] // 257 if colour_type > 2 else 255), abs=2
    )
