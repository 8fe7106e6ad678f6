"""Where things lie: the checkout that is run, and the cache that all checkouts share."""

import os
from pathlib import Path

import platformdirs

CHECKOUT = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    """The folder of everything that the devkit writes outside the checkout (`THUMBPIPE_CACHE` names another)."""
    chosen = os.environ.get("THUMBPIPE_CACHE")
    folder = Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("thumbpipe")
    # The user's own photos lie here while a demo shows them: no other user of the machine is to read them.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
