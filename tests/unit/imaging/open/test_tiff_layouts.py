"""Every layout of samples that a TIFF can have shows the card, whose four colours are known."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, product
from typing import Any, Final

import pytest
from PIL import Image

from images import tiffs
from images.tiffs import CARD, Tiff
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe

PngOf = Callable[..., Image.Image]

SIZE: Final = (50, 39)  # no whole number of tiles, strips or bytes
HALF: Final = 128 / 255
GREYS: Final = (93, 87, 44, 240)
WIDTHS: Final = (SIZE[0], 24)
ORDERS: Final = ("<", ">")
BLOCKS: Final[tuple[dict[str, Any], ...]] = ({}, {"rows": 7}, {"tile": (16, 32)})
COMPRESSIONS: Final = (
    (tiffs.NONE, 1),
    (tiffs.LZW, 1),
    (tiffs.DEFLATE, 1),
    (tiffs.OLD_DEFLATE, 1),
    (tiffs.PACKBITS, 1),
    (tiffs.LZMA, 1),
    (tiffs.LZW, 2),
    (tiffs.DEFLATE, 2),
)
DEPTHS: Final = (
    *((bits, tiffs.UNSIGNED) for bits in (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 24, 32)),
    *((b, 3) for b in (16, 32)),
)
WIDE_DEPTHS: Final = tuple((bits, kind) for bits, kind in DEPTHS if bits >= 8)


def packings(bits: int, kind: int) -> list[tuple[int, int]]:
    """Return each compression, with the predictor, that goes with a depth."""
    has_predictor = bits in {8, 16, 32} and kind == tiffs.UNSIGNED
    return [(compression, predictor) for compression, predictor in COMPRESSIONS if predictor == 1 or has_predictor]


def layout_of(bits: int, kind: int, order: str, block: dict[str, Any], packing: tuple[int, int]) -> dict[str, Any]:
    compression, predictor = packing
    return {"bits": bits, "format": kind, "order": order, "compression": compression, "predictor": predictor, **block}


def layouts(bits: int, kind: int) -> list[dict[str, Any]]:
    """Return each byte order, strips and tiles, and each compression that goes with a depth."""
    combined = product(ORDERS, BLOCKS, packings(bits, kind))
    return [layout_of(bits, kind, order, block, packing) for order, block, packing in combined]


def pairs(bits: int, kind: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield layouts of a depth, each with the width to show it in, so that any two values of two of these meet.

    These are byte order, strips and tiles, compression, and whether the picture is reduced while it is read.
    """
    for (number, block), (place, packing) in product(enumerate(BLOCKS), enumerate(packings(bits, kind))):
        order, width = ORDERS[(number + place) % 2], WIDTHS[(number + place // 2) % 2]
        yield layout_of(bits, kind, order, block, packing), width


def shown(image: Image.Image) -> list[tuple[int, ...]]:
    """Return the colours of the four quadrants."""
    rgba, (width, height) = image.convert("RGBA"), image.size
    spots = [(x * width // 5, y * height // 5) for y in (1, 4) for x in (1, 4)]
    return [pixel for pixel in map(rgba.getpixel, spots) if isinstance(pixel, tuple)]


def grey(levels: tuple[int, ...], alpha: int = 255) -> list[tuple[int, ...]]:
    return [(level, level, level, alpha) for level in levels]


def colours(alpha: int = 255) -> list[tuple[int, ...]]:
    return [(*colour, alpha) for colour in CARD]


def tolerance(bits: int) -> int:
    """Half a step of a depth, and one of rounding."""
    return 1 + (0 if bits >= 8 else 255 // (2**bits - 1) // 2 + 1)


def assert_shows(
    png_of: PngOf, tiff: Tiff, expected: list[tuple[int, ...]], apart: int, widths: tuple[int, ...] = WIDTHS
) -> None:
    for width in widths:
        found = shown(png_of(tiffs.written(tiff), width))
        assert found == [pytest.approx(pixel, abs=apart) for pixel in expected], (width, tiff)


@pytest.mark.parametrize("photometric", [tiffs.WHITE_IS_ZERO, tiffs.BLACK_IS_ZERO])
@pytest.mark.parametrize(("bits", "kind"), DEPTHS)
def test_greys_of_every_depth(png_of: PngOf, bits: int, kind: int, photometric: int) -> None:
    samples = [[level / 255 if photometric else 1 - level / 255] for level in GREYS]
    for layout, width in pairs(bits, kind):
        tiff = Tiff(quadrants=samples, size=SIZE, photometric=photometric, **layout)
        assert_shows(png_of, tiff, grey(GREYS), tolerance(bits), (width,))


@pytest.mark.parametrize("photometric", [tiffs.WHITE_IS_ZERO, tiffs.BLACK_IS_ZERO])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("fill_order", [1, 2])
def test_black_and_white(png_of: PngOf, photometric: int, order: str, fill_order: int) -> None:
    samples = [[0], [1], [1], [0]]
    expected = grey((0, 255, 255, 0) if photometric else (255, 0, 0, 255))
    for block, (compression, _) in product(BLOCKS, COMPRESSIONS[:6]):
        tiff = Tiff(
            quadrants=samples, size=(48, 32), bits=1, order=order, photometric=photometric, fill_order=fill_order,
            compression=compression, **block,
        )  # fmt: skip
        assert_shows(png_of, tiff, expected, 0)


@pytest.mark.parametrize("extra", [1, 2])
@pytest.mark.parametrize("photometric", [tiffs.WHITE_IS_ZERO, tiffs.BLACK_IS_ZERO])
@pytest.mark.parametrize(("bits", "kind"), WIDE_DEPTHS)
def test_greys_with_alpha(png_of: PngOf, bits: int, kind: int, photometric: int, extra: int) -> None:
    gain = HALF if extra == 1 else 1.0
    samples = [[gain * (level / 255 if photometric else 1 - level / 255), HALF] for level in GREYS]
    for layout, planes in product(layouts(bits, kind)[::5], (False, True)):
        tiff = Tiff(quadrants=samples, size=SIZE, photometric=photometric, planes=planes, extra=(extra,), **layout)
        assert_shows(png_of, tiff, grey(GREYS, 128), 3)


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize(("bits", "kind"), DEPTHS)
def test_colours_of_every_depth(png_of: PngOf, bits: int, kind: int, planes: bool) -> None:  # noqa: FBT001 - what is expected
    for layout, width in pairs(bits, kind):
        tiff = Tiff(quadrants=tiffs.card(), size=SIZE, planes=planes, **layout)
        assert_shows(png_of, tiff, colours(), tolerance(bits), (width,))


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize(("bits", "kind"), WIDE_DEPTHS)
def test_colours_with_a_further_sample(png_of: PngOf, bits: int, kind: int, planes: bool) -> None:  # noqa: FBT001
    multiplied = [[sample * HALF for sample in pixel] for pixel in tiffs.card()]
    for layout in layouts(bits, kind)[::5]:
        for extra, pixels in (((1,), multiplied), ((2,), tiffs.card()), ((), tiffs.card())):
            samples = [[*pixel, HALF] for pixel in pixels]
            tiff = Tiff(quadrants=samples, size=SIZE, planes=planes, extra=extra, **layout)
            assert_shows(png_of, tiff, colours(128), 3)
        hidden = Tiff(quadrants=tiffs.card(0.3), size=SIZE, planes=planes, extra=(0,), **layout)
        assert_shows(png_of, hidden, colours(), 1)


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize(("bits", "kind"), DEPTHS)
def test_inks_of_every_depth(png_of: PngOf, bits: int, kind: int, planes: bool) -> None:  # noqa: FBT001
    inks = [[1 - sample for sample in pixel] + [0.0] for pixel in tiffs.card()]
    for layout in layouts(bits, kind)[::3]:
        tiff = Tiff(quadrants=inks, size=SIZE, photometric=tiffs.INKS, planes=planes, **layout)
        assert_shows(png_of, tiff, colours(), tolerance(bits) + 1)


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("extra", [1, 2])
@pytest.mark.parametrize(("bits", "kind"), WIDE_DEPTHS)
def test_inks_with_alpha(png_of: PngOf, bits: int, kind: int, extra: int, planes: bool) -> None:  # noqa: FBT001
    gain = HALF if extra == 1 else 1.0
    inks = [[gain * (1 - sample) for sample in pixel] + [0.0, HALF] for pixel in tiffs.card()]
    for layout in layouts(bits, kind)[::5]:
        tiff = Tiff(quadrants=inks, size=SIZE, photometric=tiffs.INKS, planes=planes, extra=(extra,), **layout)
        assert_shows(png_of, tiff, colours(128), 4)


@pytest.mark.parametrize("photometric", [tiffs.WHITE_IS_ZERO, tiffs.BLACK_IS_ZERO, tiffs.RGB, tiffs.INKS])
@pytest.mark.parametrize("bits", [8, 12, 16, 32])
def test_turned_bits_of_every_byte(png_of: PngOf, bits: int, photometric: int) -> None:
    """FillOrder 2."""
    greys = [[level / 255 if photometric else 1 - level / 255] for level in GREYS]
    inks = [[1 - sample for sample in pixel] + [0.0] for pixel in tiffs.card()]
    samples = {tiffs.RGB: tiffs.card(), tiffs.INKS: inks}.get(photometric, greys)
    expected = colours() if photometric in {tiffs.RGB, tiffs.INKS} else grey(GREYS)
    for (order, block), (compression, predictor) in zip(
        product(ORDERS, BLOCKS * 2), cycle(COMPRESSIONS[:6] if bits == 12 else COMPRESSIONS), strict=False
    ):
        packing = {"compression": compression, "predictor": predictor, **block}
        tiff = Tiff(
            quadrants=samples, size=SIZE, bits=bits, order=order, photometric=photometric, fill_order=2, **packing
        )
        assert_shows(png_of, tiff, expected, 2)


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_samples_of_no_defined_kind_are_whole_numbers(png_of: PngOf, bits: int) -> None:
    for planes in (False, True):
        tiff = Tiff(quadrants=tiffs.card(), size=SIZE, bits=bits, planes=planes, tags={339: (4, 4, 4)})
        assert_shows(png_of, tiff, colours(), 1)


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_strips_whose_lengths_are_not_stated_extend_to_the_next(png_of: PngOf, bits: int, planes: bool) -> None:  # noqa: FBT001
    for compression, _ in COMPRESSIONS[:5]:
        tiff = Tiff(
            quadrants=tiffs.card(), size=SIZE, bits=bits, planes=planes, rows=8, compression=compression, tags={279: ()}
        )
        assert_shows(png_of, tiff, colours(), 1)


def colour_map(bits: int, palette: list[tuple[int, ...]], step: int) -> dict[int, tuple[int, ...]]:
    padded = palette + [(0, 0, 0)] * ((1 << bits) - len(palette))
    return {320: tuple(entry[channel] * step for channel in range(3) for entry in padded)}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("step", [1, 257])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_palettes_whose_colours_have_8_or_16_bits(png_of: PngOf, bits: int, step: int, order: str) -> None:
    tags = colour_map(bits, list(CARD), step)
    for block, (compression, _) in product(BLOCKS, COMPRESSIONS[:6]):
        tiff = Tiff(
            quadrants=[[0], [1], [2], [3]], raw=True, size=SIZE, bits=bits, order=order, photometric=tiffs.PALETTE,
            tags=tags, compression=compression, **block,
        )  # fmt: skip
        assert_shows(png_of, tiff, colours(), 0)


def test_a_palette_of_two_colours_in_8_bits(png_of: PngOf) -> None:
    tags = colour_map(1, [CARD[0], CARD[2]], 1)
    tiff = Tiff(quadrants=[[0], [1], [1], [0]], raw=True, bits=1, size=SIZE, photometric=tiffs.PALETTE, tags=tags)
    first, second = (*CARD[0], 255), (*CARD[2], 255)
    assert_shows(png_of, tiff, [first, second, second, first], 0)


@pytest.mark.parametrize("step", [1, 257])
def test_palettes_with_alpha(png_of: PngOf, step: int) -> None:
    tags = colour_map(8, list(CARD), step)
    samples = [[index, 128] for index in range(4)]
    for planes in (False, True):
        tiff = Tiff(
            quadrants=samples, raw=True, size=SIZE, photometric=tiffs.PALETTE, planes=planes, extra=(2,), tags=tags
        )
        assert_shows(png_of, tiff, colours(128), 1)


def test_a_palette_that_is_dark_in_truth_stays_dark(png_of: PngOf) -> None:
    """A value above 255 shows that its values have 16 bits."""
    dark = [tuple(level // 60 for level in colour) for colour in CARD]
    tiff = Tiff(
        quadrants=[[0], [1], [2], [3]], raw=True, size=SIZE, photometric=tiffs.PALETTE, tags=colour_map(8, dark, 257)
    )
    assert_shows(png_of, tiff, [(*colour, 255) for colour in dark], 1)


# L, a and b of white, a grey, and two colours within sRGB.
LAB_CARD: Final = ((100, 0, 0), (53.585, 0, 0), (50.0, 60.0, 40.0), (72.0, -40.0, 30.0))


def lab_samples(bits: int, photometric: int, alpha: float | None) -> list[list[float]]:
    top, step = (1 << bits) - 1, 1 << (bits - 8)
    samples: list[list[float]] = []
    for light, *others in LAB_CARD:
        if photometric == tiffs.LAB:
            stored = [round(light / 100 * top), *(round(value * step) % (1 << bits) for value in others)]
        else:
            stored = [round(light / 100 * (255 * step)), *(round((value + 128) * step) for value in others)]
        samples.append([*stored, *([] if alpha is None else [round(alpha * top)])])
    return samples


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("alpha", [None, HALF])
@pytest.mark.parametrize("photometric", [tiffs.LAB, tiffs.LAB_OF_ICC])
@pytest.mark.parametrize("bits", [8, 16])
def test_lab(png_of: PngOf, bits: int, photometric: int, alpha: float | None, planes: bool) -> None:  # noqa: FBT001
    opacity = 255 if alpha is None else 128
    expected = [(255, 255, 255), (128, 128, 128), (214, 60, 55), (107, 195, 119)]
    for order, block in product(ORDERS, BLOCKS):
        tiff = Tiff(
            quadrants=lab_samples(bits, photometric, alpha), raw=True, size=SIZE, bits=bits, order=order,
            photometric=photometric, planes=planes, extra=() if alpha is None else (2,), **block,
        )  # fmt: skip
        assert_shows(png_of, tiff, [(*colour, opacity) for colour in expected], 4)


@pytest.mark.parametrize(("bits", "kind"), [(1, 1), (4, 1), (8, 1), (12, 1), (16, 1), (32, 3)])
def test_samples_that_no_tag_describes_are_taken_as_libtiff_takes_them(png_of: PngOf, bits: int, kind: int) -> None:
    untagged = {262: ()}
    for samples, expected in (
        ([[0], [1], [1], [0]], grey((0, 255, 255, 0))),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255,) * 3]),
    ):
        tiff = Tiff(quadrants=samples, size=SIZE, bits=bits, format=kind, tags=untagged)
        assert_shows(png_of, tiff, [(*pixel[:3], 255) for pixel in expected], 1)


@pytest.mark.parametrize("rows", [0, 16])
@pytest.mark.parametrize("subsampling", [(1, 1), (2, 1), (2, 2), (1, 2), (4, 1), (4, 2), (4, 4)])
def test_luma_and_chroma(png_of: PngOf, subsampling: tuple[int, int], rows: int) -> None:
    for order, (compression, _) in product(ORDERS, COMPRESSIONS[:5]):
        source = tiffs.ycbcr(subsampling, order=order, rows=rows, compression=compression)
        assert shown(png_of(source, 24)) == [pytest.approx(pixel, abs=6) for pixel in colours()]
        assert not probe(source, Limits()).has_alpha


def test_four_pixels_share_their_chroma_where_no_tag_says_otherwise(png_of: PngOf) -> None:
    source = tiffs.ycbcr((2, 2), is_stated=False)
    assert shown(png_of(source, 24)) == [pytest.approx(pixel, abs=6) for pixel in colours()]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_big_tiffs(png_of: PngOf, bits: int, order: str) -> None:
    for planes, block in product((False, True), BLOCKS):
        tiff = Tiff(quadrants=tiffs.card(), size=SIZE, bits=bits, order=order, planes=planes, big=True, **block)
        assert_shows(png_of, tiff, colours(), 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_layout_that_is_read_sample_by_sample_is_turned_upright(png_of: PngOf, orientation: int) -> None:
    plain = Tiff(quadrants=tiffs.card(), size=SIZE, tags={274: (orientation,)})
    odd = Tiff(quadrants=tiffs.card(), size=SIZE, bits=12, tags={274: (orientation,)})
    seen, expected = png_of(tiffs.written(odd)), png_of(tiffs.written(plain))
    assert seen.size == expected.size
    assert shown(seen) == [pytest.approx(pixel, abs=1) for pixel in shown(expected)]


@pytest.mark.parametrize("size", [(700, 480), (3000, 400)])
def test_large_pictures_in_odd_layouts(png_of: PngOf, size: tuple[int, int]) -> None:
    for bits, planes in ((12, False), (16, True)):
        tiff = Tiff(
            quadrants=tiffs.card(HALF), size=size, bits=bits, planes=planes, extra=(2,), compression=tiffs.DEFLATE
        )
        assert shown(png_of(tiffs.written(tiff), 100)) == [pytest.approx(pixel, abs=2) for pixel in colours(128)]


def refusal(tiff: Tiff) -> InvalidImageError:
    with pytest.raises(InvalidImageError) as refused:
        probe(tiffs.written(tiff), Limits())
    return refused.value


@pytest.mark.parametrize(
    ("tiff", "kind"),
    [
        (Tiff(quadrants=[[0.5, 0.5, 0.5, 0.0]] * 4, photometric=tiffs.INKS, tags={332: (2,)}), "inks other than CMYK"),
        (Tiff(quadrants=[[0.5]] * 4, photometric=32_803), "a camera's raw samples"),
        (Tiff(quadrants=[[0.5] * 3] * 4, photometric=10), "ITU-T Lab"),
        (Tiff(quadrants=[[0.5]] * 4, bits=24, photometric=1, tags={339: (3,)}), "floats of 24 bits per sample"),
        (Tiff(quadrants=[[0.5] * 3] * 4, tags={258: (5, 6, 5)}), "samples have different numbers of bits"),
        (Tiff(quadrants=[[0.5] * 3] * 4, bits=16, tags={339: (2, 2, 2)}), "signed samples"),
        (Tiff(quadrants=[[0.5] * 3] * 4, photometric=tiffs.YCBCR, planes=True), "YCbCr in planes"),
        (Tiff(quadrants=[[0.5]] * 4, bits=12, compression=5, predictor=2), "predictor for samples of 12 bits"),
        (Tiff(quadrants=[[0.5]] * 4, bits=4, compression=8, predictor=2), "predictor for samples of 4 bits"),
        (
            Tiff(quadrants=[[0.5]] * 4, bits=12, photometric=1, tags={259: (7,)}),
            "12 bits per sample in that compression",
        ),
    ],
)
def test_a_kind_that_no_decoder_takes_is_named(tiff: Tiff, kind: str) -> None:
    refused = refusal(tiff)
    assert refused.code is ErrorCode.UNSUPPORTED_FORMAT
    assert kind in refused.message


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("rows", [(12,), (48,), (0xFFFF,)])
def test_strips_that_would_reach_into_one_another_are_damage(rows: tuple[int], bits: int, planes: bool) -> None:  # noqa: FBT001 - what is expected
    right = Tiff(quadrants=tiffs.card(), bits=bits, planes=planes, rows=8)
    assert probe(tiffs.written(right), Limits()).width
    assert refusal(replace(right, tags={278: rows})).code is ErrorCode.CORRUPT


def test_equal_tiles_may_share_their_bytes(png_of: PngOf) -> None:
    tiff = Tiff(quadrants=tiffs.card(), size=(32, 32), tile=(16, 16))
    shared = written_with(tiffs.written(tiff), 324, lambda offsets: [offsets[0]] * 4)
    assert shown(png_of(shared, 32)) == [pytest.approx((*CARD[0], 255), abs=1)] * 4


def written_with(source: bytes, tag: int, change: Callable[[list[int]], list[int]]) -> bytes:
    """Change a tag's long numbers."""
    at = source.index(struct.pack("<HH", tag, 4), int.from_bytes(source[4:8], "little"))
    count, place = struct.unpack_from("<II", source, at + 4)
    numbers = change(list(struct.unpack_from(f"<{count}I", source, place)))
    return source[:place] + struct.pack(f"<{count}I", *numbers) + source[place + 4 * count :]


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("compression", [tiffs.NONE, tiffs.DEFLATE])
def test_a_picture_whose_strips_end_too_early_is_truncated(bits: int, compression: int) -> None:
    source = bytearray(tiffs.written(Tiff(quadrants=tiffs.card(), bits=bits, compression=compression, rows=24)))
    at = source.index(struct.pack("<HHI", 273, 4, 2)) + 8
    (offsets,) = struct.unpack_from("<I", source, at)
    struct.pack_into("<I", source, offsets + 4, len(source) - 9)
    with pytest.raises(InvalidImageError) as refused:
        probe(bytes(source), Limits())
    assert refused.value.code is ErrorCode.TRUNCATED
