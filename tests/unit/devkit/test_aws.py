import base64
import http.server
import re
import threading
from collections.abc import Iterator
from typing import Final

import pytest

from thumbpipe_devkit.aws import Credentials, client, get_signed

KEY: Final = Credentials.make()


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server that keeps each request's Authorization, and its address."""
    kept: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            kept.append(self.headers["Authorization"])
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", kept
        server.shutdown()
        thread.join()


def _account_of(access_key_id: str) -> int:
    """The account that AWS and LocalStack read out of a key's id: 40 bits after its prefix, less an offset."""
    bits = int.from_bytes(base64.b32decode(access_key_id[4:12]))
    second_half = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(access_key_id[12]) >= 16
    return 2 * (bits - 0x8000000000) + second_half


def test_a_key_is_random_and_of_account_000000000000() -> None:
    keys = [Credentials.make() for _ in range(50)]
    assert len({key.access_key_id for key in keys}) == len({key.secret_access_key for key in keys}) == 50
    for key in keys:
        # LocalStack ignores what begins like a key of AWS's own.
        assert re.fullmatch(r"LKIA[A-Z2-7]{16}", key.access_key_id)
        assert _account_of(key.access_key_id) == 0
        assert re.fullmatch(r"[\w-]{40}", key.secret_access_key)


def test_a_key_does_not_show_its_secret() -> None:
    assert KEY.secret_access_key not in f"{KEY} {KEY!r}"
    assert KEY.access_key_id in repr(KEY)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, ("test", "test")),
        ({"ROOT_ACCESS_KEY_ID": "theirs"}, ("test", "test")),
        ({"ROOT_SECRET_ACCESS_KEY": "theirs"}, ("test", "test")),
        ({"ROOT_ACCESS_KEY_ID": "", "ROOT_SECRET_ACCESS_KEY": "x"}, ("test", "test")),
        ({"ROOT_ACCESS_KEY_ID": "theirs", "ROOT_SECRET_ACCESS_KEY": "x"}, ("theirs", "x")),
        ({"AWS_ACCESS_KEY_ID": "the user's", "AWS_SECRET_ACCESS_KEY": "y"}, ("test", "test")),
    ],
)
def test_the_users_localstack_is_only_called_with_its_own_root_key(given: dict[str, str], key: tuple[str, str]) -> None:
    found = Credentials.of_endpoint(given)
    assert (found.access_key_id, found.secret_access_key) == key


def test_a_client_signs_with_its_key_whatever_the_environment_says(
    asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.setenv(name, "the user's")
    url, kept = asked
    client("s3", url, "us-east-1", KEY).head_bucket(Bucket="a")
    assert kept[0].startswith(f"AWS4-HMAC-SHA256 Credential={KEY.access_key_id}/")


def test_a_route_of_the_plugin_is_called_with_a_signature(asked: tuple[str, list[str]]) -> None:
    url, kept = asked
    assert get_signed(f"{url}/_aws/cloudfront/distributions", "eu-west-1", KEY).json() == []
    assert re.match(
        rf"AWS4-HMAC-SHA256 Credential={KEY.access_key_id}/\d{{8}}/eu-west-1/cloudfront/aws4_request, ", kept[0]
    )
