"""A real LocalStack with the plugin, and functions made from a few lines of code."""

import io
import os
import socket
import subprocess
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config

START_SECONDS = 60
ROLE = "arn:aws:iam::000000000000:role/plugin-test"


@dataclass(frozen=True)
class Engine:
    """A running LocalStack."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    python: Path

    def client(self, service: str, **credentials: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        config = Config(read_timeout=60, retries={"total_max_attempts": 1}, max_pool_connections=50)
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", config=config, **keys)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


class StartEngine(Protocol):
    def __call__(self, **settings: str) -> Engine: ...


@pytest.fixture(scope="session")
def engine_python() -> Path:
    python = os.environ.get("THUMBPIPE_ENGINE_PYTHON")
    if not python:
        pytest.fail("THUMBPIPE_ENGINE_PYTHON names no interpreter with LocalStack and the plugin: run `nox -s plugin`")
    return Path(python)


@pytest.fixture(scope="session")
def start_engine(engine_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartEngine]:
    started: list[Engine] = []

    def start(**settings: str) -> Engine:
        folder = tmp_path_factory.mktemp("engine")
        engine = _launch(engine_python, folder, settings)
        started.append(engine)
        _wait_for(engine)
        return engine

    yield start
    for engine in started:
        if engine.process.poll() is None:
            engine.stop()


@pytest.fixture(scope="session")
def engine(start_engine: StartEngine) -> Engine:
    return start_engine()


@dataclass(frozen=True)
class Function:
    """A function on an engine."""

    name: str
    engine: Engine
    lambda_client: Any

    def invoke(self, payload: bytes = b"{}", **options: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.lambda_client.invoke(FunctionName=self.name, Payload=payload, **options)
        return answer | {"Body": answer["Payload"].read()}

    def configure(self, **changes: object) -> None:
        self.lambda_client.update_function_configuration(FunctionName=self.name, **changes)
        self.lambda_client.get_waiter("function_updated_v2").wait(FunctionName=self.name, WaiterConfig={"Delay": 1})

    def replace_code(self, archive: bytes) -> None:
        self.lambda_client.update_function_code(FunctionName=self.name, ZipFile=archive)
        self.lambda_client.get_waiter("function_updated_v2").wait(FunctionName=self.name, WaiterConfig={"Delay": 1})

    def read_log(self, until: str, group: str | None = None, seconds: float = 10) -> list[str]:
        """Return the messages of the log group as soon as one of them contains a text."""
        logs = self.engine.client("logs")
        deadline = time.monotonic() + seconds
        while True:
            messages = _read_messages(logs, group or f"/aws/lambda/{self.name}")
            if any(until in message for message in messages):
                return messages
            if time.monotonic() > deadline:
                pytest.fail(f"no log event of {self.name} contains {until!r}: {messages}")
            time.sleep(0.1)


class CreateFunction(Protocol):
    def __call__(self, code: str, **options: object) -> Function: ...


@pytest.fixture
def create_function(engine: Engine) -> Iterator[CreateFunction]:
    yield from _offer_functions(engine)


@pytest.fixture(scope="session")
def runtime(engine_python: Path) -> str:
    """The Lambda runtime that the engine's own Python serves."""
    command = [engine_python, "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=30).stdout.strip()  # noqa: S603


@pytest.fixture
def zip_code() -> Callable[[Mapping[str, str]], bytes]:
    return _zip


def _offer_functions(engine: Engine) -> Iterator[CreateFunction]:
    client = engine.client("lambda")
    names: list[str] = []
    own_runtime = subprocess.run(  # noqa: S603
        [engine.python, "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    ).stdout.strip()

    def create(code: str, **options: object) -> Function:
        name = f"f-{uuid.uuid4().hex[:12]}"
        defaults: dict[str, object] = {"Runtime": own_runtime, "Handler": "main.handler", "Role": ROLE, "Timeout": 10}
        client.create_function(FunctionName=name, Code={"ZipFile": _zip({"main.py": code})}, **(defaults | options))
        names.append(name)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        return Function(name, engine, client)

    yield create
    for name in names:
        client.delete_function(FunctionName=name)


def _zip(files: Mapping[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return archive.getvalue()


def _read_messages(logs: BaseClient, group: str) -> list[str]:
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


def _launch(python: Path, folder: Path, settings: Mapping[str, str]) -> Engine:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "FILESYSTEM_ROOT": str(folder / "root"),
        "LOCALSTACK_VOLUME_DIR": str(folder / "volume"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
    }
    log = folder / "engine.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [python, "-m", "localstack.runtime.main"], env=environ | settings, stdout=output, stderr=output
        )
    return Engine(f"http://127.0.0.1:{port}", process, log, python)


def _wait_for(engine: Engine) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and engine.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{engine.url}/_localstack/health", timeout=2):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"LocalStack did not start:\n{engine.log.read_text()[-4000:]}")
