"""Decoded pictures with eight bits per sample."""

from dataclasses import dataclass

from PIL import Image

from thumbpipe.core.imaging.decode.high_depth import Resize


@dataclass(frozen=True, slots=True, kw_only=True)
class EightBitPixels:
    """A decoded picture with eight bits per sample.

    Attributes:
        image: In mode L, RGB, RGBa, CMYK or LAB.
        extent: How far the picture extends in it, in pixels.
        alpha: Its alpha in mode L, if the image's mode has none; the image is not multiplied by it.
    """

    image: Image.Image
    extent: tuple[float, float]
    alpha: Image.Image | None = None

    def eight_bits(self) -> Image.Image:
        """Return it as it is."""
        return self.image

    def resized(self, resize: Resize) -> "EightBitPixels":
        """Return it resized."""
        image = resize(self.image, self.extent)
        alpha = self.alpha and resize(self.alpha, self.extent)
        return EightBitPixels(image=image, extent=image.size, alpha=alpha)
