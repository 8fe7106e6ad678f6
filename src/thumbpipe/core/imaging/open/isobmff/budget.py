"""A bound for work on hostile files."""

from thumbpipe.core.imaging.errors import DamagedError


class Budget:
    """How much of something is read of a file; no photo has more.

    Args:
        left: The number that may be read.
        of: Their name in the error message.
    """

    def __init__(self, left: int, of: str) -> None:
        self._left = left
        self._of = of

    def spend(self, count: int = 1) -> None:
        """Count what is about to be read.

        Raises:
            DamagedError: There are too many.
        """
        self._left -= count
        if self._left < 0:
            raise DamagedError(f"there are too many {self._of}")
