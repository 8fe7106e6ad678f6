"""AVIF and HEIC: limits hold for what their streams have, whatever their headers say."""

import struct
import time
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from images import isobmff, make
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.isobmff import av1, hevc
from thumbpipe.core.imaging.open.isobmff.budget import Budget
from thumbpipe.core.imaging.open.probe import probe

ROOMY: Final = Limits()
TIGHT: Final = Limits(max_pixels=1_000_000)


def refusal(source: bytes, limits: Limits) -> InvalidImageError:
    with pytest.raises(InvalidImageError) as caught:
        probe(source, limits)
    return caught.value


def claiming(source: bytes, width: int, height: int) -> bytes:
    """Let every box that states a size state another."""
    at = source.find(b"ispe")
    while at >= 0:
        source = source[: at + 8] + struct.pack(">II", width, height) + source[at + 16 :]
        at = source.find(b"ispe", at + 4)
    return source


@pytest.fixture
def avif() -> bytes:
    return make.saved(Image.new("RGB", (1600, 1200), make.RED), "AVIF", speed=10)


@pytest.fixture
def heic(photos: Path) -> bytes:
    return (photos / "nuthatch.heic").read_bytes()


@pytest.mark.parametrize("kind", ["avif", "heic"])
def test_a_stream_that_is_larger_than_its_header_says_is_refused(kind: str, request: pytest.FixtureRequest) -> None:
    source = claiming(request.getfixturevalue(kind), 64, 64)
    assert refusal(source, TIGHT).code == ErrorCode.TOO_MANY_PIXELS
    assert refusal(source, Limits(max_edge_px=1000)).code == ErrorCode.EDGE_TOO_LONG
    contradiction = refusal(source, ROOMY)
    assert contradiction.code == ErrorCode.CORRUPT
    assert "64 x 64" in contradiction.message
    assert ("1,600 x 1,200" if kind == "avif" else "4,032 x 3,024") in contradiction.message


@pytest.mark.parametrize("kind", ["avif", "heic"])
def test_a_stream_that_is_a_little_larger_is_padded_only(kind: str, request: pytest.FixtureRequest) -> None:
    source = request.getfixturevalue(kind)
    width, height = probe(source, ROOMY).width, probe(source, ROOMY).height
    probe(claiming(source, width - 3, height - 5), ROOMY)


def test_a_second_header_within_the_stream_is_seen(avif: bytes) -> None:
    small = make.saved(Image.new("RGB", (64, 64), make.RED), "AVIF")
    streams = isobmff.content(small, b"mdat") + isobmff.content(avif, b"mdat")
    properties = (isobmff.ispe(64, 64), isobmff.found(small, b"av1C"))
    source = isobmff.heif(isobmff.Item(kind=b"av01", data=streams, properties=properties))
    assert refusal(source, TIGHT).code == ErrorCode.TOO_MANY_PIXELS


def bits(*fields: tuple[int, int]) -> bytes:
    """Write (value, bits) one after another."""
    text = "".join(f"{value:0{count}b}" for value, count in fields if count)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


def unit(kind: int, payload: bytes) -> bytes:
    return bytes([kind << 3 | 2, len(payload)]) + payload


def sequence(*, timed: bool = False) -> bytes:
    """State 64 x 64 in 16 bits each, so that a frame can state up to 65,536 x 65,536."""
    model = [(1, 1), (1, 32), (1, 32), (0, 1), (1, 1), (9, 5), (1, 32), (9, 5), (9, 5)] if timed else [(0, 1)]
    point = [(0, 12), (0, 5), *([(1, 1), (0, 10), (0, 10), (0, 1)] if timed else [])]
    head = [(0, 3), (0, 1), (0, 1), *model, (0, 1), (0, 5), *point]
    size = [(15, 4), (15, 4), (63, 16), (63, 16)]
    return unit(1, bits(*head, *size, (0, 1), (0, 3), (0, 4), (0, 1), (1, 1), (1, 1), (0, 8)))


def key_frame(*, overrides: bool, timed: bool = False) -> bytes:
    """Show a key frame: its time where there is one, two switches, whole-pixel motion's, then the one in question."""
    time = [(0, 10)] if timed else []
    return unit(6, bits((0, 1), (0, 2), (1, 1), *time, (0, 1), (1, 1), (1, 1), (int(overrides), 1), (0, 16)))


@pytest.mark.parametrize("timed", [False, True])
def test_a_frame_that_overrides_the_size_counts_by_the_largest_that_it_can_state(*, timed: bool) -> None:
    plain = sequence(timed=timed) + key_frame(overrides=False, timed=timed)
    assert max(av1.coded_sizes([plain], Budget(9, "units"))) == (64, 64)
    assert max(av1.coded_sizes([plain, key_frame(overrides=True, timed=timed)], Budget(9, "units"))) == (65_536, 65_536)


def test_tiles_count_as_often_as_they_are_decoded(avif: bytes) -> None:
    tile = isobmff.Item(
        kind=b"av01",
        data=isobmff.content(avif, b"mdat"),
        properties=(isobmff.ispe(1600, 1200), isobmff.found(avif, b"av1C")),
    )
    grid = bytes((0, 0, 15, 15)) + struct.pack(">HH", 1600, 1200)
    whole = isobmff.Item(kind=b"grid", data=grid, properties=(isobmff.ispe(1600, 1200),), made_of=[2] * 256)
    found = refusal(isobmff.heif(whole, tile), ROOMY)
    assert found.code == ErrorCode.TOO_MANY_PIXELS
    assert "491.5 megapixels" in found.message


def test_a_grid_larger_than_its_header_states_is_refused(avif: bytes) -> None:
    tile = isobmff.Item(kind=b"av01", data=isobmff.content(avif, b"mdat"), properties=(isobmff.found(avif, b"av1C"),))
    grid = bytes((0, 1, 0, 0)) + struct.pack(">II", 20_000, 20_000)
    whole = isobmff.Item(kind=b"grid", data=grid, properties=(isobmff.ispe(64, 64),), made_of=[2])
    assert refusal(isobmff.heif(whole, tile), ROOMY).code == ErrorCode.TOO_MANY_PIXELS


def test_pictures_made_of_one_another_are_refused() -> None:
    grid = bytes(4) + struct.pack(">HH", 64, 64)
    items = [isobmff.Item(kind=b"grid", data=grid, made_of=[other]) for other in (2, 1)]
    tail = isobmff.Item(kind=b"av01", data=b"")
    assert refusal(isobmff.heif(*items, tail), ROOMY).code == ErrorCode.CORRUPT


def test_more_boxes_than_any_photo_has_are_refused() -> None:
    many = isobmff.box(b"ftyp", b"avif", bytes(4), b"avif") + isobmff.box(b"free") * 300_000
    assert refusal(many, ROOMY).code == ErrorCode.CORRUPT


def test_frames_of_an_animation_are_looked_at_one_by_one() -> None:
    small, large = (
        make.saved(
            Image.new("RGB", size, make.RED),
            "AVIF",
            save_all=True,
            append_images=[Image.new("RGB", size, make.BLUE)],
            speed=10,
        )
        for size in ((64, 64), (1600, 1200))
    )
    assert probe(small, ROOMY).frames == 2
    # Whatever states a size in boxes states the small one: the item's, the track's, and the samples' description.
    lying = claiming(large, 64, 64).replace(struct.pack(">HH", 1600, 1200), struct.pack(">HH", 64, 64))
    lying = lying.replace(struct.pack(">II", 1600 << 16, 1200 << 16), struct.pack(">II", 64 << 16, 64 << 16))
    configuration = isobmff.found(large, b"av1C")
    lying = lying.replace(configuration, isobmff.found(small, b"av1C").ljust(len(configuration), b"\0"))
    assert refusal(lying, TIGHT).code == ErrorCode.TOO_MANY_PIXELS
    without_item = lying.replace(b"meta", b"free", 1)
    assert refusal(without_item, TIGHT).code == ErrorCode.TOO_MANY_PIXELS


def quick_refusal(source: bytes) -> InvalidImageError:
    started = time.process_time()
    refused = refusal(source, ROOMY)
    assert time.process_time() - started < 1
    return refused


def test_items_that_share_their_bytes_are_not_read_without_end() -> None:
    """Thousands of items, each of which is the whole stream of 8 MB."""
    stream = unit(2, b"") * 100 + bytes(8_000_000)
    source = isobmff.heif(*[isobmff.Item(kind=b"av01", data=b"")] * 4_999, isobmff.Item(kind=b"av01", data=stream))
    at = source.index(b"iloc") + 12
    place = source.index(b"mdat") + 4
    entries = b"".join(struct.pack(">HHHII", number, 0, 1, place, len(stream)) for number in range(1, 5_001))
    assert quick_refusal(source[:at] + entries + source[at + len(entries) :]).code == ErrorCode.CORRUPT


def test_millions_of_units_are_not_looked_at() -> None:
    stream = unit(2, b"") * 5_000_000
    assert quick_refusal(isobmff.heif(isobmff.Item(kind=b"av01", data=stream))).code == ErrorCode.CORRUPT


def test_a_second_header_is_refused() -> None:
    source = make.saved(Image.new("RGB", (64, 64)), "AVIF")
    assert quick_refusal(source + isobmff.found(source, b"meta")).code == ErrorCode.CORRUPT


def _exponential(value: int) -> str:
    """An unsigned Exp-Golomb code, ue(v)."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def _parameters(size: tuple[int, int], chroma: int, window: tuple[int, int, int, int] | None) -> bytes:
    """A sequence parameter set of HEVC, up to its conformance window."""
    bits = "0" * 104 + _exponential(0) + _exponential(chroma) + "0" * (chroma == 3)
    bits += "".join(map(_exponential, size)) + ("0" if window is None else "1" + "".join(map(_exponential, window)))
    bits += "1" + "0" * (-(len(bits) + 1) % 8)
    payload = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return bytes((33 << 1, 1)) + payload.replace(b"\0\0", b"\0\0\3")


@pytest.mark.parametrize(
    ("chroma", "window", "size"),
    [
        (1, None, (12_256, 8_176)),
        (1, (0, 5, 0, 6), (12_246, 8_164)),  # as x265 pads 12,246 x 8,164 px
        (1, (2, 3, 6, 0), (12_246, 8_164)),
        (2, (0, 5, 0, 12), (12_246, 8_164)),
        (3, (0, 10, 0, 12), (12_246, 8_164)),
        (0, (0, 10, 0, 12), (12_246, 8_164)),
        (1, (0, 32, 0, 31), (12_256, 8_176 - 62)),  # 64 px are more than padding
        (1, (0, 6_000, 0, 4_000), (12_256, 8_176)),
    ],
)
def test_padding_to_whole_blocks_does_not_count_and_other_cropping_does(
    chroma: int, window: tuple[int, int, int, int] | None, size: tuple[int, int]
) -> None:
    assert list(hevc.coded_sizes(iter([_parameters((12_256, 8_176), chroma, window)]))) == [size]
