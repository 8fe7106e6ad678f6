"""The installed version."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Return the installed version, or "unknown" if the package is not installed."""
    try:
        return version("thumbpipe")
    except PackageNotFoundError:
        return "unknown"
