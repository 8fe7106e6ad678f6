"""What engines of one machine share, and what they do not, in containers as well."""

import shutil
from pathlib import Path

from thumbpipe_devkit.engine.embedded import EmbeddedEngine
from thumbpipe_devkit.processes.children import Children


def test_an_engine_writes_its_certificate_into_its_own_folder(tmp_path: Path) -> None:
    """Two engines that write the same certificate's key corrupt it."""
    root = _files_of_an_engine(tmp_path)
    assert list(root.rglob("server.test.pem.key"))


def test_an_engine_builds_no_index_of_services_if_another_has_built_it(tmp_path: Path) -> None:
    _files_of_an_engine(tmp_path / "first")
    root = _files_of_an_engine(tmp_path / "second")
    assert [file.parent.relative_to(root) for file in root.rglob("service-catalog-*")] == [Path("usr/lib/localstack")]


def _files_of_an_engine(folder: Path) -> Path:
    """Start and stop an engine, and return a copy of its file system."""
    logs, state, copied = folder / "logs", folder / "state", folder / "copied"
    logs.mkdir(parents=True)
    with Children() as children:
        engine = EmbeddedEngine(children, state=state, logs=logs, say=lambda _: None)
        engine.start()
        try:
            shutil.copytree(state / "root", copied, symlinks=True)
        finally:
            engine.stop()
    return copied
