import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest
from typer.testing import Result

from fakes.thumbpipe_api import FakeThumbpipeApi

Run = Callable[..., Result]

DEPTHS: Final = {"photos": ("3", "2"), "dead": ("1", "0")}


# The ids of the keys that the requests were signed with.
signed_by: list[str] = []


class _Sqs(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        signed_by.append(self.headers["Authorization"].partition("Credential=")[2].partition("/")[0])
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        depths = DEPTHS.get(wanted["QueueUrl"].rpartition("/")[2])
        if depths is None:
            return self._answer(400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "No such queue."})
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return self._answer(200, {"Attributes": dict(zip(names, depths, strict=True))})

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def sqs_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sqs) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def running(cache: Path, api: FakeThumbpipeApi, sqs_url: str) -> None:
    """A stack on this machine."""
    content = {
        "api_url": api.url,
        "dead_letter_queue_url": f"{sqs_url}/000000000000/dead",
        "endpoint_url": sqs_url,
        "pid": os.getpid(),
        "queue_url": f"{sqs_url}/000000000000/photos",
        "region": "us-east-1",
        "started_at": 1795593600.5,
    }
    (cache / "running").mkdir(parents=True)
    (cache / "running" / "demo.json").write_text(json.dumps(content))


@pytest.mark.usefixtures("running")
def test_the_running_stack_is_shown_with_its_queues(run: Run, api: FakeThumbpipeApi) -> None:
    result = run("status")

    lines = result.stdout.splitlines()
    assert result.exit_code == 0, result.output
    assert lines[0] == f"API\t{api.url}"
    assert lines[1].startswith("answers\tyes, in ")
    assert lines[2:] == ["queue\t3 waiting, 2 in flight", "dead letter queue\t1 waiting, 0 in flight"]


@pytest.mark.parametrize(
    ("told", "key_id"),
    [({"access_key_id": "LKIAOFTHERUN", "secret_access_key": "secret"}, "LKIAOFTHERUN"), ({}, "test")],
    ids=["a key of the run", "an older kit, whose engine takes any"],
)
@pytest.mark.usefixtures("running")
def test_the_running_stack_is_asked_with_its_own_key_and_never_with_the_users(
    told: dict[str, str], key_id: str, run: Run, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "the user's")
    path = cache / "running" / "demo.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | told))
    signed_by.clear()

    result = run("status")

    assert result.exit_code == 0, result.output
    assert set(signed_by) == {key_id}
    assert "secret" not in result.output


@pytest.mark.usefixtures("running")
def test_json_has_the_same(run: Run, api: FakeThumbpipeApi) -> None:
    answer = json.loads(run("status", "--json").stdout)

    assert answer["api"]["url"] == api.url
    assert answer["api"]["reachable"]
    assert answer["queue"] == {"waiting": 3, "in_flight": 2}
    assert answer["dead_letter_queue"] == {"waiting": 1, "in_flight": 0}


def test_queues_elsewhere_are_named_with_options(run_api: Run, sqs_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": sqs_url,
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)

    result = run_api("status", "--queue-url", f"{sqs_url}/1/photos", "--dead-letter-queue-url", f"{sqs_url}/1/gone")

    assert result.exit_code == 1
    assert "queue\t3 waiting, 2 in flight" in result.stdout
    assert "No such queue." in result.stdout


def test_queues_that_are_not_given_are_unknown(run_api: Run) -> None:
    result = run_api("status")

    assert result.exit_code == 0
    assert "queue\tunknown; pass its URL as an option" in result.stdout


def test_an_api_that_does_not_answer_is_status_1(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]

    result = run("status", "--api", f"http://127.0.0.1:{port}")

    assert result.exit_code == 1
    assert "Nothing answers" in result.stdout
