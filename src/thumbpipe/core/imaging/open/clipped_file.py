"""Lazy images of which only a part is shown."""

from io import BytesIO
from typing import Any

from PIL import ImageFile

Rectangle = tuple[int, int, int, int]


class ClippedFile(ImageFile.ImageFile):
    """A part of a lazy image, as lazy as the whole.

    Args:
        whole: The image.
        rectangle: The part.
    """

    def __init__(self, whole: ImageFile.ImageFile, rectangle: Rectangle) -> None:
        self._whole, self._rectangle = whole, rectangle
        self._decoded: int | None = None
        super().__init__(BytesIO())

    def _open(self) -> None:
        left, top, right, bottom = self._rectangle
        self._mode, self._size = self._whole.mode, (right - left, bottom - top)
        self.info, self.format = self._whole.info, self._whole.format

    @property
    def n_frames(self) -> int:
        """The number of frames."""
        return int(getattr(self._whole, "n_frames", 1))

    def seek(self, frame: int) -> None:
        """Go to a frame."""
        self._whole.seek(frame)

    def tell(self) -> int:
        """Return the number of the current frame."""
        return self._whole.tell()

    def load(self) -> Any:  # noqa: ANN401 - as in Pillow, whose type has no public name
        """Decode the whole frame, and crop it."""
        if self._decoded != self.tell():
            self._whole.load()
            self._decoded = self.tell()
            self.im = self._whole.im.crop(self._rectangle)
            self.info = self._whole.info
        return super().load()
