from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest

from thumbpipe_devkit.bundle import BuiltZip, Target, build

TARGETS: Final = {
    "arm64": Target.for_lambda(architecture="arm64"),
    "x86_64": Target.for_lambda(architecture="x86_64"),
    "host": Target.for_host(),
}


@pytest.fixture(scope="session")
def build_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, BuiltZip]]:
    """Builds the real zips for "arm64", "x86_64" or "host", each once."""

    @cache
    def run(target: str) -> dict[str, BuiltZip]:
        return build(TARGETS[target], tmp_path_factory.mktemp(f"zips for {target}"))

    return run


@pytest.fixture(scope="session")
def unpacked_for_host(
    build_for: Callable[[str], dict[str, BuiltZip]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Unpacks a function's zip for this machine, once."""

    @cache
    def run(function: str) -> Path:
        folder = tmp_path_factory.mktemp(function)
        with ZipFile(build_for("host")[function].path) as archive:
            archive.extractall(folder)
        return folder

    return run
