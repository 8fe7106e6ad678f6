"""A decoder's own pixels, before Pillow copies them into a picture of its own."""

from typing import Final

from PIL import Image, ImageFile

_CODEC: Final = "thumbpipe-handing"


class _Handing(ImageFile.PyDecoder):
    """Takes what Pillow's raw decoder would unpack."""

    _pulls_fd = True

    def decode(self, buffer: Image.DecoderInput) -> tuple[int, int]:  # noqa: ARG002 (it reads the file itself)
        """Read all there is."""
        assert self.fd is not None  # noqa: S101 (Pillow sets it, since this reads the file itself)
        self.args[-1].append(self.fd.read())
        return -1, 0


Image.register_decoder(_CODEC, _Handing)


def handed(image: ImageFile.ImageFile) -> bytes | None:
    """Decode a lazy picture whose plug-in decodes it whole (AVIF), and return the rows as they are.

    The picture counts as decoded afterwards, and is blank.

    Returns:
        None where the plug-in works otherwise.
    """
    if [(tile.codec_name, tile.args) for tile in image.tile] != [("raw", image.mode)]:
        return None
    taken: list[bytes] = []
    image.tile = [image.tile[0]._replace(codec_name=_CODEC, args=(image.mode, taken))]
    image.load()
    return taken[0]
