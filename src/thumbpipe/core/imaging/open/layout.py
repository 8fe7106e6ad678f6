"""What a walk over a container finds."""

from dataclasses import dataclass

from thumbpipe.core.imaging.open.isobmff.facts import IsoFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a container says about itself.

    Attributes:
        width: Of the whole canvas, in pixels; frames that extend beyond its edges enlarge it.
        height: The same.
        frames: Counting ends one above the limit. None if it is unknown yet.
        has_alpha: Whether any frame may be transparent.
        exif: An EXIF block that Pillow would read only while decoding.
        cicp: The code points of the colours: primaries, transfer, matrix and range.
        iso: What is known about an AVIF or HEIC.
    """

    width: int
    height: int
    frames: int | None = 1
    has_alpha: bool = False
    exif: bytes | None = None
    cicp: tuple[int, int, int, int] | None = None
    iso: IsoFacts | None = None
