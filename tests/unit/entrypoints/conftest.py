import importlib
import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any, Final

import pytest

from fakes.aws import FakeAWS, fake_aws
from thumbpipe.entrypoints import _wiring

# Making clients takes more time than most tests, and moto serves those of earlier tests as well.
CLIENTS: Final = ("cloudfront_client", "dynamodb_client", "s3_client", "ssm_client")
REUSED: Final = {name: cache(getattr(_wiring, name)) for name in CLIENTS}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAWS]:
    """An empty AWS with the stack's bucket, table and parameter."""
    with fake_aws(monkeypatch) as services:
        yield services


@pytest.fixture
def cold_start(
    aws: FakeAWS,  # noqa: ARG001 - it must be there
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],  # noqa: ARG001 - the logger keeps the stdout that it finds first
    request: pytest.FixtureRequest,
) -> Callable[[str], ModuleType]:
    """Import a function's module as a cold start does."""

    def start(name: str) -> ModuleType:
        # Powertools keeps one logger a service, with the first one's stdout.
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"{name} in {request.node.name}")
        module = f"thumbpipe.entrypoints.{name}"
        monkeypatch.delitem(sys.modules, module, raising=False)
        return importlib.import_module(module)

    return start


@pytest.fixture
def function(cold_start: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """The same with the clients of earlier tests, for tests that change no setting of theirs."""
    for name, make in REUSED.items():
        monkeypatch.setattr(_wiring, name, make)
    return cold_start


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What a function has logged and measured since the last call, line by line."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
