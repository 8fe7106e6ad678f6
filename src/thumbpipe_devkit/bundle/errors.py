"""Errors of building the zips."""


class BundleError(Exception):
    """The zips cannot be built; the message names the cause and the solution."""
