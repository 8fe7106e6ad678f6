import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[2]

# The table's address is closed: the call fails, which is recorded as well.
PROGRAM: Final = """
import json
from fakes.events import CONTEXT, load
from thumbpipe.entrypoints import uploads
assert uploads.handler(load("api_reserve_upload"), CONTEXT)["statusCode"] == 500
"""


@pytest.fixture
def daemon() -> socket.socket:
    """Where X-Ray's SDK sends segments to."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(0.5)
    return receiver


def _call(daemon: socket.socket, trace_disabled: str) -> list[str]:
    """Call a function in a process of its own, for the SDK changes botocore for good; return what it sent."""
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
        "LAMBDA_TASK_ROOT": "/var/task",
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        "POWERTOOLS_METRICS_NAMESPACE": "photos",
        "POWERTOOLS_SERVICE_NAME": "uploads",
        "POWERTOOLS_TRACE_DISABLED": trace_disabled,
        "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]),
        "THUMBPIPE_CATALOG_TABLE": "catalog",
        "THUMBPIPE_IMAGE_BUCKET": "images",
        "THUMBPIPE_PAGE_ORIGINS": "https://photos.example.com",
    }
    subprocess.run([sys.executable, "-c", PROGRAM], env=variables, check=True, capture_output=True)
    sent = []
    try:
        while True:
            sent.append(daemon.recv(65536).decode())
    except TimeoutError:
        return sent


def test_a_trace_contains_calls_to_aws_but_no_file_names(daemon: socket.socket) -> None:
    with daemon:
        sent = _call(daemon, "false")
    segments = [json.loads(datagram.partition("\n")[2]) for datagram in sent]
    assert {"## handler", "dynamodb"} <= {segment["name"] for segment in segments}
    assert {segment["trace_id"] for segment in segments} == {"1-5759e988-bd862e3fe1be46a994272793"}
    assert ".jpg" not in "".join(sent).lower()


def test_nothing_is_traced_unless_it_is_wanted(daemon: socket.socket) -> None:
    with daemon:
        assert _call(daemon, "true") == []
