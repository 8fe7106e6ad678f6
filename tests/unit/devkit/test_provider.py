import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit.errors import ProviderUnavailableError
from thumbpipe_devkit.terraform import provider
from thumbpipe_devkit.terraform.binary import Terraform

TERRAFORM: Final = Terraform(path=Path("terraform"), version="1.11.4", registry="registry.terraform.io")


def _mirror(folder: Path, registry: str = "registry.terraform.io") -> Path:
    (folder / registry / "hashicorp" / "aws" / "5.100.0").mkdir(parents=True)
    return folder


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "registry_answers", lambda _: False)


def test_a_configured_mirror_is_used_and_announced(tmp_path: Path) -> None:
    mirror = _mirror(tmp_path / "mirror")
    source = provider.choose(TERRAFORM, tmp_path, {"THUMBPIPE_TF_MIRROR": str(mirror)})
    assert source.folder == mirror
    assert str(mirror) in source.words


def test_a_named_mirror_without_the_provider_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailableError, match="THUMBPIPE_TF_MIRROR"):
        provider.choose(TERRAFORM, tmp_path, {"THUMBPIPE_TF_MIRROR": str(tmp_path)})


def test_the_cache_of_an_earlier_run_needs_no_network(tmp_path: Path) -> None:
    assert provider.choose(TERRAFORM, _mirror(tmp_path / "plugins"), {}).folder == tmp_path / "plugins"


def test_a_registry_that_answers_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "registry_answers", lambda url: url == "https://registry.terraform.io")
    assert provider.choose(TERRAFORM, tmp_path, {}).folder is None


@pytest.mark.usefixtures("no_registry")
def test_without_a_registry_an_implied_mirror_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path / 'empty'}:{tmp_path / 'share'}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    mirror = _mirror(tmp_path / "share" / "terraform" / "plugins")
    source = provider.choose(TERRAFORM, tmp_path, {})
    assert source.folder == mirror
    assert "does not answer" in source.words


@pytest.mark.usefixtures("no_registry")
def test_a_mirror_of_another_registry_does_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "mirror_folders", lambda: [_mirror(tmp_path / "m", "registry.opentofu.org")])
    with pytest.raises(ProviderUnavailableError):
        provider.choose(TERRAFORM, tmp_path, {})


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/.well-known/terraform.json" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_registry_answers_with_its_services(registry: str) -> None:
    assert provider.registry_answers(registry)


def test_a_closed_port_is_not_a_registry() -> None:
    assert not provider.registry_answers("http://127.0.0.1:9")


def test_a_silent_registry_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "REGISTRY_WITHIN_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        assert not provider.registry_answers(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert time.monotonic() - begin < 2
