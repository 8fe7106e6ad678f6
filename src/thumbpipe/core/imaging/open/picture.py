"""An opened picture: what its headers say, and how its pixels are decoded."""

from dataclasses import dataclass, replace

from PIL import Image, ImageFile

from thumbpipe.core.imaging.errors import EndsTooEarlyError, is_truncation
from thumbpipe.core.imaging.open.containers.png import rows_are_missing
from thumbpipe.core.imaging.open.pillow import open_lazily
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
        orientation: EXIF's, 1 to 8; an AVIF's is made of its own boxes, which alone count there.
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
        cicp: The code points of its colours, if it states them: primaries, transfer, matrix and range.
    """

    facts: Facts
    image: ImageFile.ImageFile
    turn: Image.Transpose | None
    source: bytes
    on_truncated: OnTruncated
    cicp: tuple[int, int, int, int] | None = None

    def load(self) -> None:
        """Decode the current frame; of a truncated one all that is there, if that may be rendered.

        Raises:
            EndsTooEarlyError: Rows are missing, and the decoder has not noticed.
        """
        first_of_png = self.facts.format == SourceFormat.PNG and self.image.tell() == 0
        refuses = self.on_truncated is OnTruncated.REFUSE
        try:
            self.image.load()
        except (EOFError, OSError, SyntaxError) as error:
            # What a PNG lacks may be the end of a chunk after the last row.
            if not is_truncation(error) or (refuses and not first_of_png):
                raise
            # The decoder has filled in what there is, and to Pillow an image without tiles is decoded.
            self.image.tile = []
            self.image.load()
        if refuses and first_of_png and rows_are_missing(self.source, self.image):
            raise EndsTooEarlyError

    def reopened(self) -> "Picture":
        """Open the same file again."""
        return replace(self, image=open_lazily(self.source, SourceFormat(self.facts.format)))
