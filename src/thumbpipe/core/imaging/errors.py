"""The reasons why a file cannot be rendered, and the translation of decoders' errors into them."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from thumbpipe.core.errors import ThumbpipeError
from thumbpipe.core.imaging.machine_faults import reraise_machine_fault


class ErrorCode(StrEnum):
    """Why a file can never be rendered; the catalog stores the value."""

    EMPTY = "empty"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TRUNCATED = "truncated"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    EDGE_TOO_LONG = "edge_too_long"
    CORRUPT = "corrupt"


class InvalidImageError(ThumbpipeError):
    """The file cannot be rendered; another attempt would fail the same way.

    Args:
        code: The reason, for machines.
        message: One sentence for a person, with the figure that is too large if there is one.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        # Both go to Exception, so that the error survives a process pool's pickling.
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class EndsTooEarlyError(Exception):
    """A structure extends beyond the end of the file. It never leaves `imaging`."""


class DamagedError(ValueError):
    """A file contradicts its format; the text says how, in our own words. It never leaves `imaging`."""


@contextmanager
def decoding(source_format: str) -> Iterator[None]:
    """Translate whatever a decoder raises into `InvalidImageError`.

    Decoders raise nearly every exception that Python has for damaged bytes, including `RecursionError`, and none
    documents which. So only calls of decoders belong inside: our own errors must propagate. What is the machine's
    fault, such as too little memory or a full disk, propagates as well: another attempt may succeed.

    Args:
        source_format: What the message calls the file.
    """
    try:
        yield
    except InvalidImageError:
        raise
    except Exception as error:
        reraise_machine_fault(error)
        if is_truncation(error):
            raise InvalidImageError(ErrorCode.TRUNCATED, f"The {source_format} file ends too early.") from error
        # A library's message is meant for developers: it stays in the exception chain, for logs.
        reason = f" ({error})" if isinstance(error, DamagedError) else ""
        raise InvalidImageError(ErrorCode.CORRUPT, f"The {source_format} file is damaged{reason}.") from error


def is_truncation(error: Exception) -> bool:
    """Say whether a decoder's error means that the file ends too early."""
    return isinstance(error, EOFError | EndsTooEarlyError) or "truncated" in str(error).lower()
