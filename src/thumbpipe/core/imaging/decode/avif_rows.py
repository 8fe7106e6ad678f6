"""The rows that an AVIF's decoder returns, before Pillow copies them into an image."""

from typing import Final

from PIL import Image, ImageFile

_CODEC: Final = "thumbpipe-rows"


class _RowsDecoder(ImageFile.PyDecoder):
    """Collects what Pillow's raw decoder would unpack."""

    _pulls_fd = True

    def decode(self, buffer: Image.DecoderInput) -> tuple[int, int]:  # noqa: ARG002 - it reads the file itself
        """Read everything."""
        assert self.fd is not None  # noqa: S101 - Pillow sets it for decoders that read the file
        self.args[-1].append(self.fd.read())
        return -1, 0


Image.register_decoder(_CODEC, _RowsDecoder)


def decoded_rows(image: ImageFile.ImageFile) -> bytes | None:
    """Decode a lazy image whose plug-in decodes it as a whole (AVIF), and return its rows.

    To Pillow the image is decoded afterwards, and blank.

    Returns:
        None if the plug-in does not work that way.
    """
    if [(tile.codec_name, tile.args) for tile in image.tile] != [("raw", image.mode)]:
        return None
    rows: list[bytes] = []
    image.tile = [image.tile[0]._replace(codec_name=_CODEC, args=(image.mode, rows))]
    image.load()
    return rows[0]
