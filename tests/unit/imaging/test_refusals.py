import struct
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from images import apngs, make
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import render


def refusal(source: bytes, limits: Limits | None = None) -> InvalidImageError:
    """Render, and return the refusal, which must cost less than a second of the processor."""
    started = time.process_time()
    with pytest.raises(InvalidImageError) as refused:
        render(source, Recipe(), limits or Limits())
    assert time.process_time() - started < 1
    assert refused.value.message.endswith(".")
    return refused.value


def riff(kind: bytes, head: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(head)) + head + b"\0" * (len(head) % 2)
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def tiff(*tags: tuple[int, int, int]) -> bytes:
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4 + 64)


def test_an_empty_file() -> None:
    assert refusal(b"").code is ErrorCode.EMPTY


def test_a_text(made: Path) -> None:
    assert refusal((made / "text.jpg").read_bytes()).code is ErrorCode.NOT_AN_IMAGE


@pytest.mark.parametrize(("name", "known_as"), [("vector.svg", "SVG"), ("document.pdf", "PDF")])
def test_an_unsupported_format(made: Path, name: str, known_as: str) -> None:
    refused = refusal((made / name).read_bytes())
    assert refused.code is ErrorCode.UNSUPPORTED_FORMAT
    assert known_as in refused.message


def test_too_many_bytes() -> None:
    refused = refusal(bytes(1001), Limits(max_bytes=1000))
    assert refused.code is ErrorCode.TOO_MANY_BYTES
    assert refused.message == "The file has 1,001 bytes; at most 1,000 are allowed."


def test_as_many_bytes_as_are_taken() -> None:
    source = make.saved(make.quadrants(8, 8), "PNG")
    assert probe(source, Limits(max_bytes=len(source))).width == 8


def huge(width: int, height: int) -> dict[str, bytes]:
    """Claim a size in the header of each format that can be written by hand."""
    jpeg = bytearray(make.saved(Image.new("L", (16, 16)), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    bmp = (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 1000, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(99)
    )
    gif = b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + make.gif_of_frames(1)[19:]
    frame_gif = make.gif_of_frames(1).replace(
        struct.pack("<HHHH", 0, 0, 1, 1), struct.pack("<HHHH", 0, 0, width, height)
    )
    big = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    image = ((256, 3, width), (257, 3, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200), (279, 4, 9))
    return {
        "PNG": make.bomb(width, height),
        "JPEG": bytes(jpeg),
        "BMP": bmp,
        "GIF": gif,
        "GIF frame": frame_gif,
        "WebP": riff(b"VP8X", b"\0\0\0\0" + big),
        "TIFF": tiff(*image),
    }


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "GIF frame", "WebP", "TIFF"])
def test_too_many_pixels(kind: str) -> None:
    refused = refusal(huge(20_000, 10_000)[kind])
    assert refused.code is ErrorCode.TOO_MANY_PIXELS
    assert refused.message == "The image has 200.0 megapixels (20,000 x 10,000); at most 100.0 are allowed."


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "GIF frame", "WebP", "TIFF"])
def test_an_edge_that_is_too_long(kind: str) -> None:
    refused = refusal(huge(30_001, 1)[kind])
    assert refused.code is ErrorCode.EDGE_TOO_LONG
    assert "30,001" in refused.message
    assert "30,000" in refused.message


def test_a_decompression_bomb(made: Path) -> None:
    refused = refusal((made / "bomb.png").read_bytes())
    assert refused.code is ErrorCode.EDGE_TOO_LONG
    limits = Limits(max_edge_px=65_535)
    assert refusal((made / "bomb.png").read_bytes(), limits).code is ErrorCode.TOO_MANY_PIXELS


def test_an_avif_with_too_many_pixels() -> None:
    source = make.saved(make.quadrants(100, 100), "AVIF")
    assert refusal(source, Limits(max_pixels=9_999)).code is ErrorCode.TOO_MANY_PIXELS
    assert refusal(source, Limits(max_edge_px=99)).code is ErrorCode.EDGE_TOO_LONG


def test_a_heic_with_too_many_pixels(made: Path) -> None:
    source = (made / "orientation-1.heic").read_bytes()
    assert refusal(source, Limits(max_pixels=3_071)).code is ErrorCode.TOO_MANY_PIXELS


def test_a_tile_larger_than_its_picture() -> None:
    image = ((256, 3, 16), (257, 3, 16), (258, 3, 8), (259, 3, 1), (262, 3, 1))
    tiles = ((322, 4, 60_000), (323, 4, 20_000), (324, 4, 200), (325, 4, 9))
    assert refusal(tiff(*image, *tiles)).code is ErrorCode.EDGE_TOO_LONG


@pytest.mark.parametrize("encoding", ["GIF", "WEBP", "PNG", "AVIF"])
def test_too_many_frames(encoding: str) -> None:
    source = make.animated(encoding)
    assert probe(source, Limits(max_frames=3)).frames == 3
    refused = refusal(source, Limits(max_frames=2))
    assert refused.code is ErrorCode.TOO_MANY_FRAMES
    assert refused.message == "The animation has more than 2 frames, the most that are allowed."


def test_frames_that_have_too_many_pixels_together() -> None:
    source = make.gif_of_frames(300).replace(b"GIF89a\x01\0\x01\0", b"GIF89a\x10\x27\x10\x27")  # 10,000 x 10,000
    refused = refusal(source)
    assert refused.code is ErrorCode.TOO_MANY_PIXELS
    assert refused.message == "The animation has 30,000.0 megapixels in its 300 frames; at most 500.0 are allowed."


@pytest.mark.parametrize(("depth", "interlaced", "times"), [(8, False, 1), (16, False, 2), (8, True, 2), (16, True, 4)])
def test_frames_of_sixteen_bits_and_interlaced_ones_count_twice(depth: int, interlaced: bool, times: int) -> None:  # noqa: FBT001 - what is expected
    frames = (apngs.Frame(pixel=(0, 0, 0)),) * 3
    source = apngs.apng((40, 30), frames, depth=depth, interlaced=interlaced)
    assert probe(source, Limits(max_animation_pixels=times * 3 * 40 * 30)).frames == 3
    refused = refusal(source, Limits(max_animation_pixels=times * 3 * 40 * 30 - 1))
    assert refused.code is ErrorCode.TOO_MANY_PIXELS
    assert times == 1 or f"counted {times} times" in refused.message


@pytest.mark.parametrize("depth", [8, 10, 12])
def test_an_avif_sequence_of_more_than_eight_bits_counts_twice(depth: int) -> None:
    source = bytearray(make.animated("AVIF"))
    at = source.index(b"av1C", source.index(b"moov")) + 6
    source[at] |= 0x40 if depth > 8 else 0
    limits = Limits(max_animation_pixels=3 * 64 * 48)
    if depth == 8:
        assert probe(bytes(source), limits).frames == 3
    else:
        assert refusal(bytes(source), limits).code is ErrorCode.TOO_MANY_PIXELS


def test_an_animation_that_would_take_a_functions_time_is_refused_at_once() -> None:
    frame = apngs.Frame(pixel=(0, 0, 0))
    source = apngs.apng((16, 16), (frame,) * 500, hidden=(0, 0, 0), depth=16)
    head = source.index(b"IHDR") + 4
    large = source[:head] + struct.pack(">II", 1600, 1560) + source[head + 8 :]
    large = large[: head + 13] + struct.pack(">I", zlib.crc32(large[head - 4 : head + 13])) + large[head + 17 :]
    assert refusal(large).code is ErrorCode.TOO_MANY_PIXELS


def test_a_hundred_thousand_frames_are_not_counted_to_the_end() -> None:
    assert refusal(make.gif_of_frames(100_000)).code is ErrorCode.TOO_MANY_FRAMES


@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_truncated_file(encoding: str, part: float) -> None:
    source = make.saved(Image.effect_noise((320, 240), 90), encoding)
    assert refusal(source[: int(len(source) * part)]).code is ErrorCode.TRUNCATED


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_truncated_heic(photos: Path, part: float) -> None:
    source = (photos / "nuthatch.heic").read_bytes()
    assert refusal(source[: int(len(source) * part)]).code is ErrorCode.TRUNCATED


def test_a_truncated_jpeg(made: Path) -> None:
    assert refusal((made / "truncated.jpg").read_bytes()).code is ErrorCode.TRUNCATED


@pytest.mark.parametrize("encoding", ["GIF", "WEBP", "PNG", "AVIF"])
def test_a_truncated_animation(encoding: str) -> None:
    frames = [Image.effect_noise((64, 48), 90).convert("RGB") for _ in range(4)]
    source = make.saved(frames[0], encoding, save_all=True, append_images=frames[1:])
    assert refusal(source[: int(len(source) * 0.8)]).code is ErrorCode.TRUNCATED


def test_a_png_whose_checksum_is_wrong() -> None:
    source = bytearray(make.saved(make.quadrants(8, 8), "PNG"))
    source[23] ^= 1
    assert refusal(bytes(source)).code is ErrorCode.CORRUPT


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE", b"IDAT"])
def test_a_png_whose_checksum_of_a_chunk_that_matters_is_wrong(kind: bytes) -> None:
    source = bytearray(make.saved(make.quadrants(64, 48).quantize(4), "PNG"))
    at = source.index(kind)
    source[at + 4 + int.from_bytes(source[at - 4 : at], "big")] ^= 1
    assert refusal(bytes(source)).code is ErrorCode.CORRUPT


def test_a_png_whose_pixels_cannot_be_unpacked() -> None:
    source = make.png((8, 8), depth=8, colour_type=2, rows=bytes(25 * 8))
    packed = zlib.compress(bytes(25 * 8))
    assert refusal(source.replace(packed, b"\xff" * len(packed))).code is ErrorCode.CORRUPT


def test_a_picture_without_pixels() -> None:
    assert refusal(make.png((0, 0), depth=8, colour_type=2, rows=b"")).code is ErrorCode.CORRUPT


def test_limits_of_one_thread_do_not_reach_another() -> None:
    source, refused = make.saved(make.quadrants(100, 100), "PNG"), []
    wide, narrow = Limits(), Limits(max_pixels=9_999)

    def often(limits: Limits) -> None:
        for _ in range(100):
            try:
                probe(source, limits)
            except InvalidImageError as error:
                refused.append((limits, error.code))

    threads = [threading.Thread(target=often, args=(limits,)) for limits in (wide, narrow)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert refused == [(narrow, ErrorCode.TOO_MANY_PIXELS)] * 100


def test_a_large_picture_within_the_limits_makes_pillow_raise_no_alarm() -> None:
    """Pillow's own limit of 89 megapixels would warn, and its double refuse."""
    source = make.png((9_900, 10_000), depth=1, colour_type=0, rows=bytes((9_904 // 8 + 1) * 10_000))
    assert probe(source, Limits()).width == 9_900


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        (((258, 3, 64), (259, 3, 1), (339, 3, 3)), "64 bits per sample"),
        (((258, 3, 8), (259, 3, 34_712)), "JPEG 2000"),
        (((258, 3, 8), (259, 3, 34_887)), "LERC"),
        (((258, 3, 32), (259, 3, 1), (339, 3, 6)), "complex numbers"),
    ],
)
def test_a_kind_of_tiff_that_no_decoder_supports_is_named(tags: tuple[tuple[int, int, int], ...], kind: str) -> None:
    first, *rest = tags
    size = ((256, 3, 4), (257, 3, 4))
    place = ((262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, 4), (279, 4, 16))
    found = refusal(tiff(*sorted((*size, first, *rest, *place))))
    assert found.code is ErrorCode.UNSUPPORTED_FORMAT
    assert kind in found.message
