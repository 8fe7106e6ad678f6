"""Files without the end mark that decoders require, although perhaps no pixel is missing."""

from thumbpipe.core.imaging.open.containers.gif import with_whole_frames
from thumbpipe.core.imaging.open.jpeg.segments import END
from thumbpipe.core.imaging.open.jpeg.whole import is_whole
from thumbpipe.core.imaging.open.png.rows import with_all_rows
from thumbpipe.core.imaging.open.sniff import SourceFormat


def with_end(source: bytes, source_format: SourceFormat) -> bytes | None:
    """Complete a file whose size is within the limits.

    Returns:
        None if pixels are missing.
    """
    match source_format:
        case SourceFormat.JPEG:
            return source + END if is_whole(source) else None
        case SourceFormat.PNG:
            return with_all_rows(source)
        case SourceFormat.GIF:
            return with_whole_frames(source)
        case _:
            return None
