"""Read binary files field by field."""

import struct

from thumbpipe.core.imaging.errors import EndsTooEarlyError


class Reader:
    """Reads the fields of a file one after another.

    Args:
        source: The file.
        at: The offset to begin at.
    """

    def __init__(self, source: bytes, at: int) -> None:
        self._source = source
        self.at = at

    def skip(self, count: int) -> None:
        """Skip bytes; raises EndsTooEarlyError beyond the end, as all methods do."""
        self.at += count
        if self.at > len(self._source):
            raise EndsTooEarlyError

    def take(self, count: int) -> bytes:
        """Read bytes."""
        start = self.at
        self.skip(count)
        return self._source[start : self.at]

    def unpack(self, layout: str) -> tuple[int, ...]:
        """Read numbers in a layout of `struct`'s."""
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def byte(self) -> int:
        """Read one byte."""
        return self.take(1)[0]

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self._source)
