"""Where things lie: the checkout that is run, and the cache that all checkouts share."""

import os
from pathlib import Path
from typing import Final

import platformdirs

from thumbpipe_devkit.private import private_folder, refuse_if_replaceable

CHECKOUT: Final = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    """The folder of everything that the devkit writes outside the checkout (`THUMBPIPE_CACHE` names another).

    The user's own photos and an engine's key lie here while a demo runs: the folder is its user's alone.

    Raises:
        CacheNotPrivateError: It can't be.
    """
    chosen = os.environ.get("THUMBPIPE_CACHE")
    folder = Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("thumbpipe")
    refuse_if_replaceable(folder)
    return private_folder(folder)
