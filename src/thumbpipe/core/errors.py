"""The family of errors."""


class ThumbpipeError(Exception):
    """The family of every error that thumbpipe raises on purpose."""
