from dataclasses import dataclass

from thumbpipe.core.imaging.open.isobmff.facts import IsoFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a container says about itself.

    Args:
        width: In pixels, the whole canvas: frames that reach beyond its edge enlarge it.
        height: The same.
        frames: Counting ends one above the limit. None is unknown yet.
        has_alpha: Whether any frame may be transparent.
        exif: The EXIF block, where the walk meets one that Pillow reads only while decoding.
        cicp: Primaries, transfer, matrix and range of the colours, as PNG, AVIF and HEIC number them.
        iso: What is known of an AVIF or HEIC.
    """

    width: int
    height: int
    frames: int | None = 1
    has_alpha: bool = False
    exif: bytes | None = None
    cicp: tuple[int, int, int, int] | None = None
    iso: IsoFacts | None = None
