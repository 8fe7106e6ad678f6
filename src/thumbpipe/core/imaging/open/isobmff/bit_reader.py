"""Read the headers of AV1 and HEVC bit by bit."""

from typing import Final

from thumbpipe.core.imaging.errors import DamagedError

_MAX_ZEROS: Final = 32


class BitReader:
    """Reads bits, the highest first.

    Args:
        data: The bytes.
    """

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Read a number of `count` bits.

        Raises:
            DamagedError: There are fewer.
        """
        self._left -= count
        if self._left < 0:
            raise DamagedError("a header ends too early")
        return self._value >> self._left & (1 << count) - 1

    def flag(self) -> bool:
        """Read one bit."""
        return bool(self.take(1))

    def exponential(self) -> int:
        """Read an Exp-Golomb code: AV1's uvlc, HEVC's ue(v).

        Raises:
            DamagedError: It has more than 32 bits.
        """
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > _MAX_ZEROS:
                raise DamagedError("a header's number is too long")
        return (1 << zeros) - 1 + self.take(zeros)
