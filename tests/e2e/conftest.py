import io
from collections.abc import Iterator
from typing import Final

import pytest
from PIL import Image as PillowImage
from rich.console import Console
from xdist.remote import Producer

from support.pipeline_client import PipelineClient
from support.scheduling import ByScope, file_of
from support.stack import PARTNER, RATE_LIMIT, UPLOAD_RATE_LIMIT, Stack
from support.strangers import Stranger
from thumbpipe_devkit.stack.lifecycle import Options, running_stack
from thumbpipe_devkit.stack.lifecycle import Stack as DevkitStack

# The tests that need the second stack.
OF_SIGNED: Final = tuple(f"tests/e2e/test_{name}.py" for name in ("edge_rates", "edge_signed", "strangers_signed"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what ends the stack last."""
    items.sort(key=lambda item: item.get_closest_marker("ends_stack") is not None)


def _stack_of(nodeid: str) -> str:
    """Return the stack that a test needs, for each process makes its own; the file of a test that needs none."""
    file = file_of(nodeid)
    if not file.startswith("tests/e2e/"):
        return file
    return "signed" if file in OF_SIGNED else "deployed"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByScope:
    """Have pytest-xdist deal out the tests by stacks."""
    return ByScope(config, log, _stack_of)


@pytest.fixture(scope="session")
def deployed() -> Iterator[DevkitStack]:
    """The real Terraform on the real engine, once for the whole run."""
    options = Options(command="e2e", variables={"page_origins": [PARTNER]})
    with running_stack(options, Console(stderr=True, record=True)) as stack:
        yield stack


@pytest.fixture(scope="session")
def stack(deployed: DevkitStack) -> Iterator[Stack]:
    stack = Stack.of(deployed)
    yield stack
    stack.close()


@pytest.fixture(scope="session")
def signed() -> Iterator[DevkitStack]:
    """A second stack, with signed URLs of a short life and a firewall that is soon at its limit.

    Tests come from 127.0.0.1, which is let through; what is to be stopped comes from another address.
    """
    variables = {
        "delivery": "signed",
        "url_expires_seconds": 120,  # The shortest life that a change of keys on a busy machine leaves whole.
        "waf_rate_limit": RATE_LIMIT,
        "waf_upload_rate_limit": UPLOAD_RATE_LIMIT,
        "waf_rate_window_seconds": 60,
        "waf_allowed_cidrs": ["127.0.0.1/32"],
    }
    with running_stack(Options(command="e2e", variables=variables), Console(stderr=True, record=True)) as stack:
        yield stack


@pytest.fixture(scope="session")
def signed_stack(signed: DevkitStack) -> Iterator[Stack]:
    stack = Stack.of(signed)
    yield stack
    stack.close()


@pytest.fixture(scope="session")
def signed_pipeline(signed_stack: Stack) -> Iterator[PipelineClient]:
    client = PipelineClient(signed_stack.api_url)
    yield client
    client.http.close()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    """Another user of the machine, where this process may become one."""
    with Stranger.start() as stranger:
        yield stranger


@pytest.fixture(scope="session")
def retried_soon(stack: Stack) -> str:
    """Let what fails be tried again after 15 s instead of minutes; returns the stack's own seconds."""
    sqs = stack.client("sqs")
    name = "VisibilityTimeout"
    own: str = sqs.get_queue_attributes(QueueUrl=stack.queue_url, AttributeNames=[name])["Attributes"][name]
    sqs.set_queue_attributes(QueueUrl=stack.queue_url, Attributes={name: "15"})
    return own


@pytest.fixture(scope="session")
def pipeline(stack: Stack) -> Iterator[PipelineClient]:
    client = PipelineClient(stack.api_url)
    yield client
    client.http.close()


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A noisy JPEG, 800 pixels wide and 600 high."""
    picture = PillowImage.effect_noise((800, 600), 40).convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()
