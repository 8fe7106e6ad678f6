from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a file can never become thumbnails; the catalog stores the value."""

    EMPTY = "empty"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TRUNCATED = "truncated"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    EDGE_TOO_LONG = "edge_too_long"
    CORRUPT = "corrupt"


class ThumbpipeError(Exception):
    """The family of every error that thumbpipe raises on purpose."""


class InvalidImageError(ThumbpipeError):
    """The bytes are no picture that may be rendered; another attempt ends the same way.

    Args:
        code: The kind of refusal, for machines.
        message: One sentence for a person, with the figure that was too big where there is one.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        # Both go to Exception, so that the error survives a process pool's pickling.
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message
