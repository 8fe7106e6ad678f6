"""Runs side by side share no file, in containers, too: two engines that write the same certificate's key corrupt it."""

from pathlib import Path

from thumbpipe_devkit.engine.embedded import EmbeddedEngine
from thumbpipe_devkit.processes.children import Children


def test_an_engine_writes_its_certificate_into_its_own_folder(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    state = tmp_path / "state"
    with Children() as children:
        engine = EmbeddedEngine(children, state=state, logs=logs, say=lambda _: None)
        engine.start()
        try:
            assert list(state.rglob("server.test.pem.key"))
        finally:
            engine.stop()
