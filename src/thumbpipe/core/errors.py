"""The base class of thumbpipe's errors."""


class ThumbpipeError(Exception):
    """The base class of every error that thumbpipe raises deliberately."""
