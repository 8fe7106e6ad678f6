"""AVIF and HEIC containers of every kind: brands, metadata, gain maps beside grids, derivations of derivations."""

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageChops

from images import isobmff, make
from images.isobmff import Item, box, clap, coded, grid, heif, ispe
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe

PngOf = Callable[..., Image.Image]
ZOO: Final = Path(__file__).parents[3] / "images" / "zoo"
SIZE: Final = (96, 64)
AVIF: Final = make.saved(make.quadrants(*SIZE), "AVIF", quality=100)
HEIC: Final = (ZOO / "hevc.heic").read_bytes()
STREAMS: Final = {"AVIF": AVIF, "HEIC": HEIC}
COLOURS: Final = (make.RED, make.GREEN, make.BLUE, make.WHITE)


def shown(image: Image.Image) -> list[object]:
    width, height = image.size
    return [image.convert("RGB").getpixel((x * width // 5, y * height // 5)) for y in (1, 4) for x in (1, 4)]


def assert_shows_the_quadrants(image: Image.Image) -> None:
    assert shown(image) == [pytest.approx(colour, abs=4) for colour in COLOURS]


@pytest.mark.parametrize(
    "major", [b"mif1", b"mif2", b"miaf", b"heif", b"1pic", b"msf1", b"MiHB", b"avis", b"heix", b""]
)
@pytest.mark.parametrize("kind", STREAMS)
def test_a_file_is_what_its_items_are_whatever_its_brands_say(png_of: PngOf, kind: str, major: bytes) -> None:
    codec = b"avif" if kind == "AVIF" else b"heic"
    for compatible in ((codec, b"mif1"), (b"mif1", b"miaf"), (b"mif2",)):
        source = heif(coded(STREAMS[kind]), brands=(major or compatible[0], *compatible))
        assert probe(source, Limits()).format == kind
        assert_shows_the_quadrants(png_of(source))


def exif(content: bytes) -> Item:
    return Item(kind=b"Exif", data=content, references=((b"cdsc", 1),))


TIFF: Final = make.exif_block(6, "2026:11:25 08:54:17")[6:]
BROKEN_EXIF: Final = {
    "empty": b"",
    "zeros": bytes(30),
    "offset alone": bytes(4),
    "text": bytes(4) + b"no TIFF at all",
    "beyond": struct.pack(">I", 10_000) + TIFF,
    "wrong offset": struct.pack(">I", 3) + TIFF,
    "marker without offset": b"Exif\0\0" + TIFF,
}


@pytest.mark.parametrize("content", BROKEN_EXIF.values(), ids=BROKEN_EXIF)
@pytest.mark.parametrize("kind", STREAMS)
def test_exif_that_is_none_is_passed_over(png_of: PngOf, kind: str, content: bytes) -> None:
    assert_shows_the_quadrants(png_of(heif(coded(STREAMS[kind]), exif(content))))


@pytest.mark.parametrize("kind", STREAMS)
def test_exif_is_read_where_it_is_one(kind: str) -> None:
    for content in (bytes(4) + TIFF, struct.pack(">I", 6) + b"Exif\0\0" + TIFF):
        assert probe(heif(coded(STREAMS[kind]), exif(content)), Limits()).captured_at == "2026-11-25T08:54:17"


@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize(
    "block", [b"Exif\0\0", b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + bytes(30)]
)
def test_exif_that_is_none_is_passed_over_in_every_format(png_of: PngOf, encoding: str, block: bytes) -> None:
    source = make.saved(make.quadrants(*SIZE), "JPEG", quality=100, exif=block) if encoding == "JPEG" else None
    if source is None:
        valid = make.exif_block(1)
        if encoding == "TIFF":
            source = make.saved(make.quadrants(*SIZE), encoding)
        else:
            saved = make.saved(make.quadrants(*SIZE), encoding, exif=valid, quality=100)
            source = saved.replace(valid[6:], block[6:].ljust(len(valid) - 6, b"\0"))
    assert_shows_the_quadrants(png_of(source))


def tiles(kind: str, count: int, *added: bytes) -> list[Item]:
    return [coded(STREAMS[kind], *added) for _ in range(count)]


@pytest.mark.parametrize("beside", ["nothing", "gain map", "alpha", "thumbnail", "depth"])
@pytest.mark.parametrize("kind", STREAMS)
def test_a_grid_may_have_pictures_beside_it(png_of: PngOf, kind: str, beside: str) -> None:
    columns, rows = 4, 3
    size = (SIZE[0] * columns, SIZE[1] * rows)
    count = columns * rows
    numbers = tuple(range(2, 2 + count))
    primary = Item(kind=b"grid", data=grid(columns, rows, size), properties=(ispe(*size),), made_of=numbers)
    further: list[Item] = []
    next_number = 2 + count
    if beside in {"gain map", "depth"}:
        mark = isobmff.GAIN_MAP if beside == "gain map" else isobmff.DEPTH
        further = [coded(STREAMS[kind], mark, references=((b"auxl", 1),))]
    elif beside == "thumbnail":
        further = [coded(STREAMS[kind], references=((b"thmb", 1),))]
    elif beside == "alpha":
        grey = make.saved(Image.new("L", SIZE, 128), "AVIF", quality=100)
        if kind == "HEIC":
            return  # no encoder of grey HEVC is at hand
        mask = Item(
            kind=b"grid", data=grid(columns, rows, size), properties=(ispe(*size), isobmff.ALPHA),
            made_of=tuple(range(next_number + 1, next_number + 1 + count)), references=((b"auxl", 1),),
        )  # fmt: skip
        further = [mask, *(coded(grey, isobmff.ALPHA) for _ in range(count))]
    source = heif(primary, *tiles(kind, count), *further)
    facts = probe(source, Limits())
    assert (facts.width, facts.height) == size
    assert_shows_the_quadrants(png_of(source, size[0]).crop((0, 0, *SIZE)))


def test_tiles_that_share_their_bytes_are_no_bomb(png_of: PngOf) -> None:
    columns, rows = 4, 3
    size = (SIZE[0] * columns, SIZE[1] * rows)
    tile = coded(AVIF)
    items = [Item(kind=b"grid", data=grid(columns, rows, size), properties=(ispe(*size),), made_of=tuple(range(2, 14)))]
    items += [tile] + [Item(kind=tile.kind, data=b"", properties=tile.properties) for _ in range(11)]
    source = bytearray(heif(*items))
    place = source.index(b"iloc") + 8 + 4
    first = place + 14  # where the first tile's place is stated
    for number in range(3, 14):
        at = place + 14 * (number - 1)
        source[at + 6 : at + 14] = source[first + 6 : first + 14]
    assert probe(bytes(source), Limits()).width == size[0]
    assert_shows_the_quadrants(png_of(bytes(source), size[0]).crop((0, 0, *SIZE)))


CODECS: Final = {
    b"unci": "uncompressed",
    b"j2k1": "JPEG 2000",
    b"vvc1": "VVC",
    b"avc1": "AVC",
    b"jpeg": "JPEG",
    b"evc1": "EVC",
    b"xyz1": "xyz1",
}


@pytest.mark.parametrize(
    "brands", [(b"mif1", b"mif1"), (b"heic", b"mif1"), (b"avif", b"mif1"), (b"unif", b"mif1"), (b"j2ki", b"mif1")]
)
@pytest.mark.parametrize("codec", CODECS)
def test_a_codec_that_is_not_taken_is_named(codec: bytes, brands: tuple[bytes, ...]) -> None:
    with pytest.raises(InvalidImageError) as refused:
        probe(heif(Item(kind=codec, data=bytes(99), properties=(ispe(64, 48),)), brands=brands), Limits())
    assert refused.value.code is ErrorCode.UNSUPPORTED_FORMAT
    assert CODECS[codec] in refused.value.message


@pytest.mark.parametrize("kind", [b"iden", b"iovl"])
def test_an_avif_that_is_derived_is_named(kind: bytes) -> None:
    with pytest.raises(InvalidImageError) as refused:
        probe(heif(Item(kind=kind, data=bytes(40), properties=(ispe(*SIZE),), made_of=(2,)), coded(AVIF)), Limits())
    assert refused.value.code is ErrorCode.UNSUPPORTED_FORMAT
    assert kind.decode() in refused.value.message


def transformed(chance: random.Random, image: Image.Image) -> tuple[list[bytes], Image.Image]:
    """Make up apertures and turns in any order, and do the same to a picture."""
    kinds = [
        kind for kind, part in (("clap", 0.7), ("clap", 0.2), ("irot", 0.4), ("imir", 0.4)) if chance.random() < part
    ]
    chance.shuffle(kinds)
    boxes = []
    for kind in kinds:
        width, height = image.size
        if kind == "clap" and min(image.size) > 16:
            part = chance.randrange(width // 2, width), chance.randrange(height // 2, height)
            left, top = chance.randint(0, width - part[0]), chance.randint(0, height - part[1])
            offset = 2 * left + part[0] - width, 2 * top + part[1] - height
            boxes.append(clap(part[0], 1, part[1], 1, offset[0], 2, offset[1], 2))
            image = image.crop((left, top, left + part[0], top + part[1]))
        elif kind == "irot":
            quarters = chance.randrange(1, 4)
            boxes.append(box(b"irot", bytes([quarters])))
            image = image.rotate(90 * quarters, expand=True)
        elif kind == "imir":
            axis = chance.randrange(2)
            boxes.append(box(b"imir", bytes([axis])))
            flips = (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT)
            image = image.transpose(flips[axis])
    return boxes, image


def derived(chance: random.Random, depth: int, items: list[Item]) -> tuple[int, Image.Image]:
    """Make up a picture that is derived from others, so deep; return its number and what it shows."""
    at = len(items)
    items.append(Item(kind=b"", data=b""))
    if depth == 0:
        boxes, image = transformed(chance, make.quadrants(*SIZE))
        items[at] = coded(HEIC, *boxes)
        return at + 1, image
    kind = chance.choice((b"iden", b"iovl", b"grid"))
    number, image = derived(chance, depth - 1, items)
    (width, height), made_of, data = image.size, [number], b""
    if kind == b"grid":
        part, image = image, Image.new("RGB", (2 * width, height))
        image.paste(part, (0, 0))
        image.paste(part, (width, 0))
        items.append(items[number - 1])
        made_of, data = [number, len(items)], grid(2, 1, image.size)
    elif kind == b"iovl":
        part, image = image, Image.new("RGB", (width + 12, height + 8), (255, 0, 255))
        image.paste(part, (5, 3))
        data = struct.pack(">BB4H2H2h", 0, 0, 65535, 0, 65535, 65535, *image.size, 5, 3)
    size = image.size
    boxes, image = transformed(chance, image)
    items[at] = Item(kind=kind, data=data, properties=(ispe(*size), *boxes), made_of=made_of)
    return at + 1, image


@pytest.mark.parametrize("seed", range(60))
def test_pictures_that_are_derived_from_derived_ones(png_of: PngOf, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    items: list[Item] = []
    _, expected = derived(chance, chance.randint(0, 3), items)
    image = png_of(heif(*items), 400).convert("RGB")
    assert image.size == expected.size
    half = (max(1, image.width // 2), max(1, image.height // 2))
    apart = ImageChops.difference(image, expected).resize(half, Image.Resampling.BOX)
    assert max(apart.tobytes()) < 70  # edges between colours are soft


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (1, 0, 1), (2, 0), (0, 2), (2, 1, 0)])
@pytest.mark.parametrize("kind", STREAMS)
def test_apertures_and_turns_are_done_in_their_order(png_of: PngOf, kind: str, order: tuple[int, ...]) -> None:
    image, boxes = make.quadrants(*SIZE), []
    for step in order:
        width, height = image.size
        if step == 0:
            boxes.append(clap(width - 20, 1, height - 10, 1, 10, 1, -5, 1))
            image = image.crop((20, 0, width, height - 10))
        elif step == 1:
            boxes.append(box(b"irot", b"\1"))
            image = image.rotate(90, expand=True)
        else:
            boxes.append(box(b"imir", b"\1"))
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    found = png_of(heif(coded(STREAMS[kind], *boxes)), 400).convert("RGB")
    assert found.size == image.size
    assert shown(found) == [pytest.approx(colour, abs=12) for colour in shown(image)]


def test_an_hevc_sequence_without_a_still_picture_is_named() -> None:
    entry = box(b"hvc1", bytes(78))
    table = box(b"stbl", box(b"stsd", bytes(4), struct.pack(">I", 1), entry))
    movie = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", table))))
    with pytest.raises(InvalidImageError) as refused:
        probe(box(b"ftyp", b"hevc", bytes(4), b"msf1", b"hevc") + movie, Limits())
    assert refused.value.code is ErrorCode.UNSUPPORTED_FORMAT
    assert "HEVC sequence" in refused.value.message
