"""An opened picture: what its headers say, and how its pixels are decoded."""

from dataclasses import dataclass, replace

from PIL import Image, ImageFile

from thumbpipe.core.imaging.errors import DamagedError, EndsTooEarlyError, is_truncation
from thumbpipe.core.imaging.open.jpeg.whole import is_whole, may_lack_rows
from thumbpipe.core.imaging.open.pillow import open_lazily
from thumbpipe.core.imaging.open.png.apng import ApngFile
from thumbpipe.core.imaging.open.png.rows import pixels_are_damaged, rows_are_missing
from thumbpipe.core.imaging.open.sniff import SourceFormat
from thumbpipe.core.imaging.recipe import OnTruncated


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a picture's headers say.

    Attributes:
        width: In pixels, as the viewer sees it: turned upright.
        height: The same.
        format: Its usual name: JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF or HEIC.
        frames: More than 1 if it is animated; a TIFF of several pages is not.
        has_alpha: Whether any of it may be transparent.
        orientation: 1 to 8, as in EXIF; an AVIF's comes only from its boxes.
        colour_profile: The name of the embedded ICC profile.
        captured_at: When the photo was taken, by EXIF: `2026-11-25T08:54:17`, with an offset if one is stated.
    """

    width: int
    height: int
    format: str
    frames: int = 1
    has_alpha: bool = False
    orientation: int = 1
    colour_profile: str | None = None
    captured_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture whose headers are read and whose pixels are not decoded.

    Attributes:
        facts: What the headers say.
        image: Pillow's lazy image, as it is stored.
        turn: What turns the decoded image upright.
        source: The file.
        on_truncated: What is done if pixels are missing.
        icc: The embedded ICC profile.
        cicp: Its colours by code points, if it states them: primaries, transfer, matrix and range.
    """

    facts: Facts
    image: ImageFile.ImageFile
    turn: Image.Transpose | None
    source: bytes
    on_truncated: OnTruncated
    icc: bytes | None = None
    cicp: tuple[int, int, int, int] | None = None

    @property
    def is_animation(self) -> bool:
        """Whether frames are painted over one another, even if there is only one."""
        return self.facts.frames > 1 or isinstance(self.image, ApngFile)

    def load(self) -> None:
        """Decode the current frame, or as much of it as there is if a truncated one may be rendered.

        Raises:
            EndsTooEarlyError: Rows are missing, which the decoder did not report.
            DamagedError: A PNG's pixels are damaged, which the decoder did not report.
        """
        of_still_png = self.facts.format == SourceFormat.PNG and not isinstance(self.image, ApngFile)
        refuses = self.on_truncated is OnTruncated.REFUSE
        try:
            self.image.load()
        except (EOFError, OSError, SyntaxError) as error:
            # A PNG may be truncated within a chunk after its last row.
            if not is_truncation(error) or (refuses and not of_still_png):
                raise
            # The decoder has filled in what there is, and to Pillow an image without tiles is decoded.
            self.image.tile = []
            self.image.load()
        if (
            refuses
            and self.facts.format == SourceFormat.JPEG
            and may_lack_rows(self.image)
            and not is_whole(self.source)
        ):
            raise EndsTooEarlyError
        if refuses and of_still_png:
            if rows_are_missing(self.source, self.image):
                raise EndsTooEarlyError
            if pixels_are_damaged(self.source):
                raise DamagedError("the checksum of its pixels is wrong")

    def reopened(self) -> "Picture":
        """Open the same file again."""
        return replace(self, image=open_lazily(self.source, SourceFormat(self.facts.format)))
