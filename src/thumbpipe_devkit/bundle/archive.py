"""Reproducible zips: their bytes depend on their contents only."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# The earliest timestamp in the zip format.
TIMESTAMP: Final = (1980, 1, 1, 0, 0, 0)
READABLE_FILE: Final = 0o100644
UNIX: Final = 3
COMPRESSION_LEVEL: Final = 9


def write_zip(path: Path, files: Mapping[str, bytes], *, base: Path | None = None) -> None:
    """Write a zip; on failure an existing one stays unchanged.

    Args:
        path: The zip's path; its folder exists.
        files: Contents by name in the zip, with slashes.
        base: A zip whose entries come first, compressed as they are.
    """
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(descriptor)
    try:
        if base:
            shutil.copyfile(base, partial)
        with zipfile.ZipFile(partial, "a" if base else "w") as archive:
            for name in sorted(files):
                archive.writestr(_entry(name), files[name], zipfile.ZIP_DEFLATED, COMPRESSION_LEVEL)
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, TIMESTAMP)
    entry.create_system = UNIX
    entry.external_attr = READABLE_FILE << 16
    return entry


def read_folder(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
