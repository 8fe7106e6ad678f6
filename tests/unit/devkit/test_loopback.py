"""The command's and the devkit's way to names under .localhost: one behaviour, in two packages."""

import http.server
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from thumbpipe.cli.loopback import is_loopback, mounts
from thumbpipe_devkit.loopback import local_client


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.headers["Host"].encode() + b" " + self.rfile.read(length)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("client", [local_client, lambda: httpx.Client(mounts=mounts(), trust_env=False)])
@pytest.mark.parametrize("host", ["e1.cloudfront.localhost", "127.0.0.1"])
def test_a_name_under_localhost_is_this_machine_and_is_sent_as_host(
    client: Callable[[], httpx.Client], host: str, port: int
) -> None:
    url = f"http://{host}:{port}/thumbs/a?b=c"
    with client() as http_client:
        answer = http_client.post(url, content=iter([b"a ", b"body"]), headers={"Content-Length": "6"})
    assert answer.text == f"{host}:{port} a body"
    assert str(answer.request.url) == url


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "e1.cloudfront.localhost"])
def test_this_machines_names_need_no_proxy(host: str) -> None:
    assert is_loopback(f"http://{host}:4566")


@pytest.mark.parametrize("host", ["localhost.example.com", "notlocalhost", "photos.example.com"])
def test_other_names_may(host: str) -> None:
    assert not is_loopback(f"https://{host}")
