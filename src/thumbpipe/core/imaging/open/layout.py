"""What a walk over a container finds."""

from dataclasses import dataclass

from thumbpipe.core.imaging.open.isobmff.facts import IsoFacts
from thumbpipe.core.imaging.open.sniff import SourceFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a container says about itself.

    Attributes:
        width: Of the whole canvas, in pixels; frames that extend beyond its edges enlarge it.
        height: As `width`.
        frames: Counting ends one above the limit. None if not known yet.
        has_alpha: Whether any frame may be transparent.
        exif: The EXIF block, if the walk finds one that Pillow would read only while decoding.
        cicp: Primaries, transfer, matrix and range of the colours, as PNG, AVIF and HEIC number them.
        icc: The ICC profile, if the walk finds it.
        repaired: The file without what its decoder would reject or must not see; None if it needs no repair.
        is_apng: Whether it is an animated PNG, even with a single frame besides a default image that is not one.
        format: What the file is, if only its header says so.
        weight: How many times an animation's pixels count, because of what they cost.
        iso: What is known about an AVIF or HEIC.
        piece: Width and height of what is decoded at once; a TIFF's tile may be larger than its picture.
        lacks_end: Whether its end mark is missing; its pixels may be complete.
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
    weight: int = 1
    iso: IsoFacts | None = None
    piece: tuple[int, int] = (1, 1)
    lacks_end: bool = False
    is_cut_off: bool = False
