"""Shares LocalStack's index of AWS's services between engines, each of which would spend 4 s on building its own.

LocalStack builds it from all of botocore's service models in the cache folder of its file system. It also looks for one
that was built before, where its container image has it.
"""

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Final

_BUILT: Final = Path("var", "lib", "localstack", "cache")
_PREPARED: Final = Path("usr", "lib", "localstack")
_FILES: Final = "service-catalog-*.dill"


def cache_of(python: Path) -> Path:
    """Return the cache folder of an engine's environment."""
    return python.parent.parent / "cache"


def reuse(python: Path, root: Path) -> None:
    """Give an engine that has not started the index of an earlier one, if there was one.

    Args:
        python: The Python of the engine's environment.
        root: The engine's `FILESYSTEM_ROOT`.
    """
    for file in cache_of(python).glob(_FILES):
        prepared = root / _PREPARED
        prepared.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # it starts once more
            prepared.joinpath(file.name).symlink_to(file)


def keep(python: Path, root: Path) -> None:
    """Keep the index that a started engine has built; without one, the next engine builds its own."""
    with contextlib.suppress(OSError):
        for file in (root / _BUILT).glob(_FILES):
            cache_of(python).mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache_of(python)) as partial:
                shutil.copy(file, partial)
                Path(partial, file.name).replace(cache_of(python) / file.name)
