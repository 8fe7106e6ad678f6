"""Which version this is."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """The installed version, or "unknown" where the package runs from its sources."""
    try:
        return version("thumbpipe")
    except PackageNotFoundError:
        return "unknown"
