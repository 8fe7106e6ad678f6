import struct

from thumbpipe.core.imaging.errors import EndsTooEarlyError


class Reader:
    """Reads fields of a file one after another.

    Args:
        source: The file.
        at: Where to begin.
    """

    def __init__(self, source: bytes, at: int) -> None:
        self._source = source
        self.at = at

    def skip(self, count: int) -> None:
        """Go on; raises EndsTooEarlyError beyond the end, as each other method does."""
        self.at += count
        if self.at > len(self._source):
            raise EndsTooEarlyError

    def take(self, count: int) -> bytes:
        """Read some bytes."""
        start = self.at
        self.skip(count)
        return self._source[start : self.at]

    def unpack(self, layout: str) -> tuple[int, ...]:
        """Read numbers as `struct` does."""
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def byte(self) -> int:
        """Read one byte."""
        return self.take(1)[0]

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self._source)
