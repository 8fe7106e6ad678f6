"""The samples of a TIFF as libvips returns them, lazily: as they are stored, whatever they mean."""

from math import gcd
from types import ModuleType
from typing import Any, Final

from thumbpipe.core.imaging.open.tiff.layout import SampleFormat, TiffLayout
from thumbpipe.core.imaging.open.tiff.rewritten import WHOLE_BYTES, is_stacked, rewritten

# These compress bytes, whatever the samples are. The others (JPEG, CCITT, …) depend on the kind of samples.
_BYTEWISE: Final = frozenset({1, 5, 8, 32_773, 32_946, 34_925, 50_000, 50_001})
_MOST_BITS: Final = 32
_SIGNED_BITS: Final = frozenset({8, 16, 32})
_FLOAT_BITS: Final = frozenset({16, 32})


def has_samples(layout: TiffLayout) -> bool:
    """Say whether the samples of a layout can be read one by one."""
    if layout.compression not in _BYTEWISE or not 0 < layout.bits <= _MOST_BITS:
        return False
    planes = layout.samples if layout.has_planes else 1
    if len(layout.offsets) < planes * layout.blocks_a_plane:
        return False
    if layout.format == SampleFormat.FLOAT:
        return layout.bits in _FLOAT_BITS
    if layout.format == SampleFormat.SIGNED:
        return layout.bits in _SIGNED_BITS and layout.samples == 1
    return layout.format == SampleFormat.UNSIGNED


def read_samples(vips: ModuleType, layout: TiffLayout, fail_on: str = "error") -> Any:  # noqa: ANN401 - it has no types
    """Open a picture whose bands are the samples of each pixel; nothing is decoded yet.

    Args:
        vips: The library.
        layout: One for which `has_samples` is true.
        fail_on: libvips' name of what ends decoding; "none" decodes a truncated file as far as it goes.

    Raises:
        vips.Error: libvips cannot read it.
    """
    planes = range(layout.samples if layout.has_planes else 1)
    first, *others = (_plane(vips, layout, plane, fail_on) for plane in planes)
    return first.bandjoin(others) if others else first


def _plane(vips: ModuleType, layout: TiffLayout, plane: int, fail_on: str) -> Any:  # noqa: ANN401 - the same
    data = rewritten(layout, plane)
    stored = vips.Image.tiffload_buffer(data, access="sequential", fail_on=fail_on)
    pixels = stored if layout.bits in WHOLE_BYTES else _pixels(stored, layout)
    if not is_stacked(layout):
        return pixels
    (width, height), (block_width, rows) = layout.size, layout.block
    across, down = -(-width // block_width), -(-height // rows)
    # Side by side, tiles are read from several places at once.
    return pixels.copy_memory().grid(rows, across, down).crop(0, 0, width, height)


def _pixels(stored: Any, layout: TiffLayout) -> Any:  # noqa: ANN401 - the same
    """Make pixels from rows of bytes."""
    samples = 1 if layout.has_planes else layout.samples
    width = layout.block[0] if layout.is_tiled else layout.size[0]
    row = _unpacked(stored, layout.bits, layout.tags.order).crop(0, 0, width * samples, stored.height)
    return row.bandfold(factor=samples) if samples > 1 else row


def _unpacked(stored: Any, bits: int, order: str) -> Any:  # noqa: ANN401 - the same
    """Unpack samples from the bytes that contain them, highest bit first."""
    count = bits // gcd(bits, 8)  # this many bytes contain a whole number of samples
    width = -(-stored.width // count) * count
    padded = stored.embed(0, 0, width, stored.height) if width != stored.width else stored
    octets = padded.bandfold(factor=count) if count > 1 else padded
    numbers = [octets[at].cast("uint") for at in range(count)]
    if bits % 8 == 0 and order == "<":
        numbers.reverse()
    first, *others = (_sample(numbers, at, bits) for at in range(8 * count // bits))
    return first.bandjoin(others).bandunfold(factor=len(others) + 1) if others else first


def _sample(octets: list[Any], index: int, bits: int) -> Any:  # noqa: ANN401 - the same
    """Assemble one sample from the bytes that contain it."""
    start, end, parts = index * bits, (index + 1) * bits, []
    for at in range(start // 8, -(-end // 8)):
        low, high = max(start, 8 * at), min(end, 8 * at + 8)
        part = (octets[at] >> (8 * at + 8 - high)) & ((1 << high - low) - 1)
        parts.append(part << (end - high))
    whole = parts[0]
    for part in parts[1:]:
        whole |= part
    return whole.cast("uint")
