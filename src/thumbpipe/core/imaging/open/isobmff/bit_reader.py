"""Numbers of a few bits each, as the headers of AV1 and HEVC have them."""

from typing import Final

_MAX_ZEROS: Final = 32


class BitReader:
    """Reads bits from the highest on.

    Args:
        data: Some bytes.
    """

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Read a number of so many bits.

        Raises:
            ValueError: There are not as many.
        """
        self._left -= count
        if self._left < 0:
            raise ValueError("a header ends too early")
        return self._value >> self._left & (1 << count) - 1

    def flag(self) -> bool:
        """Read one bit."""
        return bool(self.take(1))

    def exponential(self) -> int:
        """Read a number in Exp-Golomb's code: AV1's uvlc and HEVC's ue(v).

        Raises:
            ValueError: It has more than 32 bits.
        """
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > _MAX_ZEROS:
                raise ValueError("a header's number is too long")
        return (1 << zeros) - 1 + self.take(zeros)
