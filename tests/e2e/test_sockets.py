"""The running stack belongs to this machine: its sockets are closed to others, and it answers for no other host."""

import os
from urllib.parse import urlsplit

import pytest

from support.pipeline_client import PipelineClient
from support.raw_http import ask_raw
from support.sockets import assert_on_loopback_alone
from support.stack import Stack


def test_every_socket_of_a_run_is_on_loopback(stack: Stack, pipeline: PipelineClient, jpeg: bytes) -> None:
    image = pipeline.ready(pipeline.upload("sockets.jpg", jpeg))

    # The engine, the distribution's own port, and a Runtime API for each function's environment.
    sockets = assert_on_loopback_alone(os.getpid(), least=5)

    assert urlsplit(stack.endpoint_url).port in {each.port for each in sockets}
    pipeline.delete(image["id"])


@pytest.mark.parametrize(
    "target",
    ["/2015-03-31/functions", "/_localstack/health", "/_aws/sqs/messages", "/?Action=ListQueues", "/api/images", "/"],
)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:4566", "localhost.evil.example"])
def test_a_page_of_another_site_reads_nothing_of_the_engine(stack: Stack, target: str, host: str) -> None:
    port = urlsplit(stack.endpoint_url).port
    assert port is not None
    origin = f"Origin: http://{host}\r\nReferer: http://{host}/\r\nUser-Agent: Mozilla/5.0\r\nConnection: close\r\n"

    answer = ask_raw(port, f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{origin}\r\n".encode())

    assert answer.status == 421
    assert not answer.named("access-control-")
    assert b"thumbpipe" not in answer.body
