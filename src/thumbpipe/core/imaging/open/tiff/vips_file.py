"""TIFFs that Pillow cannot read, by libvips: floats in colour, 32 bits per sample, big-endian BigTIFF."""

from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageFile

from thumbpipe.core.imaging.libvips import libvips
from thumbpipe.core.imaging.machine_faults import reraise_machine_fault

_MODES: Final = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WHITES: Final = {"uchar": 1.0, "ushort": 257.0, "uint": 16_843_009.0, "float": 1 / 255, "double": 1 / 255}
"""What samples are divided by so that white is 255; floats run from 0 to 1."""


class VipsTiffFile(ImageFile.ImageFile):
    """A lazy image like Pillow's own: size and profile at once, pixels when they are needed.

    Args:
        source: The file.
        bands: How many bands count; libvips adds alpha to YCbCr.

    Raises:
        SyntaxError: libvips cannot read it either, or is not installed.
    """

    format = "TIFF"
    format_description = "TIFF by libvips"

    def __init__(self, source: bytes, bands: int | None = None) -> None:
        self._bands = bands
        super().__init__(BytesIO(source))

    def _open(self) -> None:
        vips = libvips()
        if vips is None or self.fp is None:
            raise SyntaxError("libvips is not installed")
        try:
            self._pixels: Any = vips.Image.tiffload_buffer(self.fp.read(), access="sequential", fail_on="error")
        except vips.Error as error:
            reraise_machine_fault(error)
            raise SyntaxError(str(error)) from error
        if self._bands and self._pixels.bands > self._bands:
            self._pixels = self._pixels.extract_band(0, n=self._bands)
        pixels = self._pixels
        if pixels.bands not in _MODES or pixels.format not in _WHITES:
            raise SyntaxError(f"{pixels.bands} bands of {pixels.format}")
        self._size = (pixels.width, pixels.height)
        self._mode = _MODES[pixels.bands]
        if "orientation" in pixels.get_fields():
            self.info["original_orientation"] = pixels.get("orientation")
        if "icc-profile-data" in pixels.get_fields():
            self.info["icc_profile"] = pixels.get("icc-profile-data")

    def load(self) -> Any:  # noqa: ANN401 - as in Pillow, whose type has no public name
        """Decode the pixels to eight bits.

        Raises:
            OSError: They are damaged.
        """
        if self._im is None:
            vips = libvips()
            assert vips is not None  # noqa: S101 - it was there when the file was opened
            try:
                scaled = self._pixels / _WHITES[self._pixels.format]
                data = scaled.rint().cast("uchar").write_to_memory()
            except vips.Error as error:
                raise OSError(str(error)) from error
            self.im = Image.frombytes(self.mode, self.size, data).im
        return super().load()
