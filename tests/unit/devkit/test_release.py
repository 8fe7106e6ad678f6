import hashlib
import http.server
import io
import platform
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit.errors import DownloadCorruptError, TerraformMissingError
from thumbpipe_devkit.terraform import release

PROGRAM: Final = b"#!/bin/sh\necho a terraform\n" * 1000


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as content:
        content.writestr("terraform", PROGRAM)
    return buffer.getvalue()


class Server(http.server.ThreadingHTTPServer):
    """A release server on loopback that can cheat."""

    archive = _archive()
    listed = hashlib.sha256(archive).hexdigest()
    is_listed = True
    is_cut = False
    downloads = 0

    @property
    def pinned(self) -> dict[str, str]:
        return {release.platform_name(): hashlib.sha256(self.archive).hexdigest()}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path.endswith("_SHA256SUMS"):
            name = release.archive_name() if self.server.is_listed else "another.zip"
            self._answer(f"{self.server.listed}  {name}\n".encode())
            return
        self.server.downloads += 1
        self._answer(self.server.archive, len(self.server.archive) // 2 if self.server.is_cut else None)

    def _answer(self, body: bytes, cut_at: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut_at])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_a_release_with_the_listed_sum_becomes_an_executable(server: Server, tmp_path: Path) -> None:
    binary = release.fetch(tmp_path, server.url, pinned=server.pinned)
    assert binary.read_bytes() == PROGRAM
    assert binary.stat().st_mode & 0o111 == 0o111
    assert _files(tmp_path) == {"terraform"}


def test_a_second_fetch_downloads_nothing(server: Server, tmp_path: Path) -> None:
    first = release.fetch(tmp_path, server.url, pinned=server.pinned)
    assert release.fetch(tmp_path, server.url, pinned=server.pinned) == first
    assert server.downloads == 1


def test_a_wrong_sum_is_refused_and_leaves_nothing(server: Server, tmp_path: Path) -> None:
    server.listed = "0" * 64
    with pytest.raises(DownloadCorruptError, match="SHA256SUMS does not list"):
        release.fetch(tmp_path, server.url, pinned=server.pinned)
    assert _files(tmp_path) == set()


def test_a_server_that_lists_its_own_sum_of_another_release_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadCorruptError, match=f"not that of {release.VERSION}'s release"):
        release.fetch(tmp_path, server.url)
    assert _files(tmp_path) == set()


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("machine", ["x86_64", "AMD64", "aarch64", "arm64"])
def test_every_platform_has_its_pinned_sum(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert len(bytes.fromhex(release.PINNED[release.platform_name()])) == hashlib.sha256().digest_size


def test_a_release_that_the_sums_do_not_name_is_refused(server: Server, tmp_path: Path) -> None:
    server.is_listed = False
    with pytest.raises(DownloadCorruptError):
        release.fetch(tmp_path, server.url, pinned=server.pinned)


def test_an_interrupted_connection_is_reported_and_leaves_nothing(server: Server, tmp_path: Path) -> None:
    server.is_cut = True
    with pytest.raises(TerraformMissingError, match=r"the download from \S+ failed"):
        release.fetch(tmp_path, server.url, pinned=server.pinned)
    assert _files(tmp_path) == set()


def test_the_next_fetch_after_a_cut_connection_works(server: Server, tmp_path: Path) -> None:
    server.is_cut = True
    with pytest.raises(TerraformMissingError):
        release.fetch(tmp_path, server.url, pinned=server.pinned)
    server.is_cut = False
    assert release.fetch(tmp_path, server.url, pinned=server.pinned).read_bytes() == PROGRAM


def test_a_server_that_does_not_answer_is_reported(tmp_path: Path) -> None:
    with pytest.raises(TerraformMissingError, match="it is not on PATH"):
        release.fetch(tmp_path, "http://127.0.0.1:9")
