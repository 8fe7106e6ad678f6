from functools import cache
from types import ModuleType


@cache
def libvips() -> ModuleType | None:
    """Return pyvips; without it everything works, by Pillow alone."""
    try:
        # Imported with the first picture: a cold start does not pay for it.
        import pyvips  # noqa: PLC0415
    except (ImportError, OSError):
        return None
    # One thread: a function has hardly more than one processor, and the pictures of a process wait for one another.
    pyvips.concurrency_set(1)
    pyvips.cache_set_max(0)
    module: ModuleType = pyvips
    return module
