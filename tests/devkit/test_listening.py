"""Another process may take the engine's port between its selection and the engine's start."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.sockets import assert_on_loopback_alone
from thumbpipe_devkit.engine import embedded
from thumbpipe_devkit.engine.embedded import EmbeddedEngine
from thumbpipe_devkit.errors import EngineDiedError
from thumbpipe_devkit.processes.children import Children


def _engine(children: Children, folder: Path, port: int | None = None) -> EmbeddedEngine:
    logs = folder / "logs"
    logs.mkdir()
    return EmbeddedEngine(children, state=folder / "state", logs=logs, say=lambda _: None, port=port)


@pytest.fixture(autouse=True)
def _blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process takes the port right after its selection."""
    monkeypatch.setattr(embedded, "is_free", lambda _port: True)


def test_a_port_taken_at_the_last_moment_is_replaced_by_another(tmp_path: Path) -> None:
    with Children() as children:
        engine = _engine(children, tmp_path)
        planned = urlsplit(engine.plan().endpoint_url).port
        with socket.create_server(("127.0.0.1", planned or 0)):
            started = engine.start()
            try:
                assert urlsplit(started.endpoint_url).port != planned
                assert engine.is_healthy()
            finally:
                engine.stop()


def test_a_requested_port_that_is_in_use_is_reported(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, Children() as children:
        port = other.getsockname()[1]
        with pytest.raises(EngineDiedError, match=rf"Cannot listen on 127\.0\.0\.1:{port}.* in use"):
            _engine(children, tmp_path, port).start()


def test_the_engine_listens_on_loopback_alone(tmp_path: Path) -> None:
    with Children() as children:
        engine = _engine(children, tmp_path)
        started = engine.start()
        try:
            child = engine._child  # noqa: SLF001 - the processes are what is looked at
            assert child is not None
            sockets = assert_on_loopback_alone(child.supervisor_pid)
            assert urlsplit(started.endpoint_url).port in {each.port for each in sockets}
        finally:
            engine.stop()
