"""The path of a call through a package: which modules it visits, and how often it returns to one that it had left.

A visit is a function call into one of the package's modules; calls into the same module with none into another one in
between are one visit. A generator that goes on, a comprehension, a lambda and what a dataclass generates are part of
the function that runs them. A return is a visit to a module that was visited before.
"""

import inspect
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Final, TypeVar

T = TypeVar("T")

_GENERATED: Final = "<string>"
_RESUMABLE: Final = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


@dataclass(slots=True)
class Path:
    """Modules in the order of their visits.

    Attributes:
        package: Only its modules count; names are shown without it.
        visits: The visited modules, each visit with the functions that were called.
    """

    package: str
    visits: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def modules(self) -> int:
        """How many modules were visited."""
        return len({module for module, _ in self.visits})

    @property
    def returns(self) -> Counter[str]:
        """How often the path returned to each module that it had left."""
        return Counter(module for module, _ in self.visits) - Counter({module for module, _ in self.visits})

    def add(self, module: str, function: str) -> None:
        """Note a call."""
        if self.visits and self.visits[-1][0] == module:
            self.visits[-1][1].append(function)
        else:
            self.visits.append((module, [function]))


def follow(package: str, call: Callable[[], T]) -> tuple[T, Path]:
    """Run a function, and return its result and its path through a package.

    Args:
        package: The package's name.
        call: What is run, in this thread.
    """
    path = Path(package)
    suspended: set[FrameType] = set()  # generators that have begun

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code, module = frame.f_code, frame.f_globals.get("__name__", "")
        if event != "call" or not module.startswith(f"{package}.") or code.co_filename == _GENERATED:
            return
        is_resumed = frame in suspended
        if code.co_flags & _RESUMABLE:
            suspended.add(frame)
        if not is_resumed and not code.co_name.startswith("<"):
            path.add(module.removeprefix(f"{package}."), code.co_name)

    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        return call(), path
    finally:
        sys.setprofile(previous)
