"""Paths: the checkout, and the cache that all checkouts share."""

import os
from pathlib import Path
from typing import Final

import platformdirs

from thumbpipe_devkit.private import private_folder, refuse_if_replaceable

CHECKOUT: Final = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    """Return the folder for everything that the devkit writes outside the checkout (`THUMBPIPE_CACHE` overrides it).

    While a demo runs, it contains the user's photos and an engine's key, so only its user may have access.

    Raises:
        CacheNotPrivateError: Other users have access, which cannot be prevented.
    """
    chosen = os.environ.get("THUMBPIPE_CACHE")
    folder = Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("thumbpipe")
    refuse_if_replaceable(folder)
    return private_folder(folder)
