"""Faults of the machine, such as a full disk, which libraries report the same way as damaged files."""

from collections.abc import Iterator
from typing import Final

# Messages of libraries that pass on an error's text, but not its number. libtiff's "failed to allocate" is not listed:
# it is also reported for damaged files.
_TEXTS: Final = (
    "bad_alloc",
    "cannot allocate",
    "disk quota exceeded",
    "input/output error",
    "insufficient memory",
    "memory allocation",
    "no space left",
    "out of memory",
    "too many open files",
    "unable to allocate",
)
# libheif's message for a file that exceeds its limits.
_OF_THE_FILE: Final = "security limit"


def is_machine_fault(error: BaseException) -> bool:
    """Say whether an error is the machine's and not the file's: another attempt may succeed.

    Files are read from memory, so an error with an `errno` is not caused by them. Decoders raise `OSError` for damaged
    files, too, but without an `errno`.
    """
    return any(_is_fault(each) for each in _chain(error))


def reraise_machine_fault(error: BaseException) -> None:
    """Raise the error again if it is the machine's; any other may be ignored."""
    if is_machine_fault(error):
        raise error


def _is_fault(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError) and error.errno is not None:
        return True
    text = str(error).lower()
    return _OF_THE_FILE not in text and any(each in text for each in _TEXTS)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and those that it was raised from."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
