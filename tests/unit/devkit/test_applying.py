"""The stack is handed over before the end of its apply, and no failure of the rest is lost."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from thumbpipe_devkit.errors import TerraformFailedError
from thumbpipe_devkit.processes.background import Background
from thumbpipe_devkit.stack.applying import Applying
from thumbpipe_devkit.terraform.messages import Progress
from thumbpipe_devkit.terraform.workspace import Outputs

QUEUE: Final = "aws_sqs_queue.photos"
RULES: Final = "aws_s3_bucket_lifecycle_configuration.images"
ALL: Final = {"api_url": "http://a", "page_url": "http://b"}


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as background:
        yield background


def _take(progress: Progress, *messages: dict[str, Any]) -> None:
    for message in messages:
        progress.take(message)


def _made(address: str) -> dict[str, Any]:
    resource = {"addr": address, "resource_type": address.partition(".")[0]}
    return {"type": "apply_complete", "hook": {"action": "create", "resource": resource}}


def _apply(rest: threading.Event, failure: Exception | None = None) -> Callable[[Callable[[Progress], None]], Outputs]:
    """An apply that makes the queue at once, and ends when it may."""

    def apply(watch: Callable[[Progress], None]) -> Outputs:
        progress = Progress()
        for address in (QUEUE, RULES):
            planned = {"action": "create", "resource": {"addr": address}}
            _take(progress, {"type": "planned_change", "change": planned})
        _take(progress, {"type": "outputs", "outputs": {name: {"action": "create"} for name in ALL}}, _made(QUEUE))
        watch(progress)
        assert rest.wait(30)
        if failure:
            raise failure
        return ALL

    return apply


def test_the_outputs_are_there_before_the_end(background: Background) -> None:
    rest = threading.Event()
    applying = Applying(background, _apply(rest), lambda: ALL)

    assert applying.wait_until_usable() == ALL

    rest.set()
    assert applying.wait() == ALL


def test_outputs_that_are_not_known_yet_are_waited_for(background: Background) -> None:
    rest = threading.Event()
    answers: Iterator[Outputs | Exception] = iter(
        [{}, subprocess.CalledProcessError(1, "terraform"), {"api_url": "http://a"}, ALL]
    )

    def known() -> Outputs:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert Applying(background, _apply(rest), known).wait_until_usable() == ALL
    rest.set()


def test_a_failure_before_is_raised_at_once(background: Background) -> None:
    def apply(_: Callable[[Progress], None]) -> Outputs:
        raise TerraformFailedError("no queue")

    with pytest.raises(TerraformFailedError, match="no queue"):
        Applying(background, apply, dict).wait_until_usable()


def test_a_failure_of_the_rest_is_raised_at_the_end(background: Background) -> None:
    rest = threading.Event()
    applying = Applying(background, _apply(rest, TerraformFailedError("no rules")), lambda: ALL)
    assert applying.wait_until_usable() == ALL
    rest.set()

    with pytest.raises(TerraformFailedError, match="no rules"):
        applying.wait()
