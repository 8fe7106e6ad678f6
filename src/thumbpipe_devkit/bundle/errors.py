"""What keeps the zips from being built."""


class BundleError(Exception):
    """The zips cannot be built; the message names the cause and the way out."""
