"""Layers, merged in one folder, which replaces ``/opt``."""

import shutil
from collections.abc import Sequence
from pathlib import Path


def merge_layers(layers: Sequence[Path], target: Path) -> Path:
    """Copy unpacked layers into one folder; a later layer's file replaces an earlier one's.

    Args:
        layers: Folders, in the order in which the function names them.
        target: Folder to create; unchanged if it exists.
    """
    if not target.exists():
        unfinished = target.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for layer in layers:
            shutil.copytree(layer, unfinished, symlinks=True, dirs_exist_ok=True)
        unfinished.rename(target)
    return target


def list_python_folders(layers: Path, version: tuple[int, int]) -> list[str]:
    """Return where Lambda looks for Python packages in the merged layers."""
    major, minor = version
    return [str(layers / f"python/lib/python{major}.{minor}/site-packages"), str(layers / "python")]
