"""What a walk over a container finds."""

from dataclasses import dataclass

from thumbpipe.core.imaging.open.isobmff.facts import IsoFacts
from thumbpipe.core.imaging.open.sniff import SourceFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a container says about itself.

    Attributes:
        width: Of the whole canvas, in pixels; frames that extend beyond its edges enlarge it.
        height: The same.
        frames: Counting ends one above the limit. None if it is unknown yet.
        has_alpha: Whether any frame may be transparent.
        exif: The EXIF block, where the walk meets one that Pillow reads only while decoding.
        cicp: Primaries, transfer, matrix and range of the colours, as PNG, AVIF and HEIC number them.
        icc: The ICC profile, where the walk meets it.
        repaired: The file without what its decoder would stumble over, and what does not count.
        is_apng: Whether it is an animated PNG, be it of one frame beside a picture that is none.
        format: What the file is, where only its header tells.
        is_deep: Whether its samples have more than eight bits.
        iso: What is known of an AVIF or HEIC.
        piece: Width and height of what is decoded at once: a TIFF's tile may be larger than its picture.
        lacks_end: Whether its end mark is missing, before which its pixels may be.
        is_cut_off: Whether pixels lie beyond the end of the file.
    """

    width: int
    height: int
    frames: int | None = 1
    has_alpha: bool = False
    exif: bytes | None = None
    cicp: tuple[int, int, int, int] | None = None
    icc: bytes | None = None
    repaired: bytes | None = None
    is_apng: bool = False
    format: SourceFormat | None = None
    is_deep: bool = False
    iso: IsoFacts | None = None
    piece: tuple[int, int] = (1, 1)
    lacks_end: bool = False
    is_cut_off: bool = False
