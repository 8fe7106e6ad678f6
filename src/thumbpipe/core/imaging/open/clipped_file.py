from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image, ImageFile


class ClippedFile(ImageFile.ImageFile):
    """The part of a lazy picture that is shown; it is lazy, too.

    Args:
        whole: The picture.
        size: Of that part.
        cut: Makes it from the decoded picture.
    """

    def __init__(
        self, whole: ImageFile.ImageFile, size: tuple[int, int], cut: Callable[[Image.Image], Image.Image]
    ) -> None:
        self._whole, self._shown_size, self._cut = whole, size, cut
        self._decoded: int | None = None
        super().__init__(BytesIO())

    def _open(self) -> None:
        self._mode, self._size = self._whole.mode, self._shown_size
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
            self.im = self._cut(self._whole).im
            self.info = self._whole.info
        return super().load()
