"""How often a call's path returns to a module that it had left: a figure for how well modules follow what happens.

The path is the order in which functions of `thumbpipe` are called, as their modules; staying in a module is no step. A
step into a module is a return if the path was there before: a reader who follows the code turns a page back.

Counted is what a reader reads: code that Python generates (a dataclass's `__init__`) is left out, a comprehension
belongs to the function around it, and a generator counts when it starts, not at each value. A loop counts at each
turn.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from types import FrameType
from typing import Any


@dataclass
class Path:
    """The functions that were called, in order.

    Attributes:
        calls: Module and name of each.
    """

    calls: list[tuple[str, str]] = field(default_factory=list)

    @property
    def modules(self) -> list[str]:
        """Return the modules that the path goes through."""
        return [module for module, _ in groupby(module for module, _ in self.calls)]

    @property
    def returns(self) -> int:
        """Count the steps into modules where the path was before."""
        return len(self.modules) - len(set(self.modules))

    def __str__(self) -> str:
        """Write each step into a module as that and the function that was called."""
        steps = [now for before, now in pairwise([("", ""), *self.calls]) if before[0] != now[0]]
        return "\n".join(f"{module}.{name}" for module, name in steps)


@contextmanager
def followed_path(package: str) -> Iterator[Path]:
    """Record the calls within the block.

    Args:
        package: Whose modules count.
    """
    path = Path()
    sys.setprofile(_follower(package, path))
    try:
        yield path
    finally:
        sys.setprofile(None)


def _follower(package: str, path: Path) -> Callable[[FrameType, str, Any], None]:
    started: list[FrameType] = []

    def follow(frame: FrameType, event: str, _argument: object) -> None:
        code, module = frame.f_code, frame.f_globals.get("__name__", "")
        generated = code.co_filename.startswith("<") or code.co_name.startswith("<")
        if event != "call" or generated or not f"{module}.".startswith(f"{package}."):
            return
        if code.co_flags & inspect.CO_GENERATOR:
            if any(frame is each for each in started):
                return
            started.append(frame)
        path.calls.append((module, code.co_name))

    return follow
