"""How much of a file is looked at."""


class Budget:
    """How much may be looked at in a file: beyond, it is no photo.

    Args:
        left: Pieces, or bytes.
        of: What the refusal calls them.
    """

    def __init__(self, left: int, of: str) -> None:
        self._left = left
        self._of = of

    def spend(self, count: int = 1) -> None:
        """Look at some.

        Raises:
            ValueError: There are too many.
        """
        self._left -= count
        if self._left < 0:
            raise ValueError(f"there are too many {self._of}")
