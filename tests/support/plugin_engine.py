"""A real LocalStack with the plugin as a process of this machine, and functions on it."""

import contextlib
import io
import os
import secrets
import socket
import subprocess
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import boto3
import pytest
from botocore.config import Config

from support.waiting import WITHIN_S, happens
from thumbpipe_devkit.engine import service_catalog

START_SECONDS: Final = 120
OFTEN: Final = {"Delay": 0.1, "MaxAttempts": 200}


@dataclass(frozen=True)
class Engine:
    """A running LocalStack."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    python: Path
    access_key: str = "test"
    secret_key: str = field(default="test", repr=False)

    def client(self, service: str, **credentials: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        config = Config(read_timeout=60, retries={"total_max_attempts": 1}, max_pool_connections=50)
        keys = credentials or {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        create: Callable[..., Any] = boto3.client
        return create(service, endpoint_url=self.url, region_name="us-east-1", config=config, **keys)

    def stop(self) -> None:
        """End at once: LocalStack needs seconds to end by itself, and what it leaves is for the guard."""
        self.process.kill()
        self.process.wait(timeout=30)


class StartEngine(Protocol):
    def __call__(self, **settings: str) -> Engine: ...


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
        self.lambda_client.get_waiter("function_updated_v2").wait(FunctionName=self.name, WaiterConfig=OFTEN)

    def delete(self) -> None:
        with contextlib.suppress(self.lambda_client.exceptions.ResourceNotFoundException):  # the test did it
            self.lambda_client.delete_function(FunctionName=self.name)

    def replace_code(self, archive: bytes) -> None:
        self.lambda_client.update_function_code(FunctionName=self.name, ZipFile=archive)
        self.lambda_client.get_waiter("function_updated_v2").wait(FunctionName=self.name, WaiterConfig=OFTEN)

    def read_log(self, until: str, group: str | None = None, seconds: float = 20) -> list[str]:
        """Return the messages of the log group as soon as one of them contains a text."""
        return read_log(self.engine, group or f"/aws/lambda/{self.name}", until, within_s=seconds)


class CreateFunction(Protocol):
    def __call__(
        self, code: str, *, on: Engine = ..., files: Mapping[str, str] | None = ..., **options: object
    ) -> Function: ...


def zip_files(files: Mapping[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return archive.getvalue()


def read_log(engine: Engine, group: str, until: str, *, within_s: float = WITHIN_S) -> list[str]:
    """Return the messages of a log group as soon as one of them contains a text."""
    logs = engine.client("logs")
    found: list[str] = []

    def is_there() -> bool:
        found[:] = _read_messages(logs, group)
        return any(until in message for message in found)

    if not happens(is_there, within_s):
        pytest.fail(f"no event of the log group {group} contains {until!r}: {found}")
    return found


def _read_messages(
    logs: Any,  # noqa: ANN401
    group: str,
) -> list[str]:
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


def pick_port() -> int:
    """Pick a free port below those that systems give to connections: none takes it while the engine starts."""
    for port in secrets.SystemRandom().sample(range(20_000, 30_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    pytest.fail("a hundred ports are taken")


def _reached_at(listen: str) -> str:
    """Return the host at which an engine that listens so can be reached."""
    host = listen.partition(",")[0].rpartition(":")[0]
    return "127.0.0.1" if host in {"0.0.0.0", "[::]"} else host  # noqa: S104 - a test's setting


def launch(python: Path, folder: Path, settings: Mapping[str, str]) -> Engine:
    """Start an engine at a free port, for which `{port}` stands in the settings."""
    port = pick_port()
    settings = {name: value.replace("{port}", str(port)) for name, value in settings.items()}
    listen = settings.get("GATEWAY_LISTEN", f"127.0.0.1:{port}")
    address = f"{_reached_at(listen)}:{listen.partition(',')[0].rpartition(':')[2]}"
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "FILESYSTEM_ROOT": str(folder / "root"),
        "XDG_CACHE_HOME": str(service_catalog.cache_of(python)),  # LocalStack's index of plugins
        "OVERRIDE_IN_DOCKER": "0",  # in a container, as CI's jobs often are, it would ignore that folder
        "LOCALSTACK_VOLUME_DIR": str(folder / "volume"),
        "GATEWAY_LISTEN": listen,
        "LOCALSTACK_HOST": address.replace("[::1]", "localhost"),  # of IPv6 LocalStack makes URLs without brackets
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
        "SQS_DISABLE_CLOUDWATCH_METRICS": "1",  # metrics that are still sent while it stops hold it up
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
    }
    service_catalog.reuse(python, folder / "root")
    log = folder / "engine.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(python), "-m", "localstack.runtime.main"], env={**environ, **settings}, stdout=output, stderr=output
        )
    keys = {"access_key": settings.get("ROOT_ACCESS_KEY_ID"), "secret_key": settings.get("ROOT_SECRET_ACCESS_KEY")}
    given = {name: value for name, value in keys.items() if value}
    return Engine(f"http://{address}", process, log, python, **given)


def wait_for(engine: Engine) -> None:
    """Wait until an engine answers, or has ended without."""

    def is_decided() -> bool:
        return engine.process.poll() is not None or _answers(engine)

    if not happens(is_decided, START_SECONDS) or engine.process.poll() is not None:
        pytest.fail(f"LocalStack did not start:\n{engine.log.read_text()[-4000:]}")
    service_catalog.keep(engine.python, engine.log.parent / "root")


def _answers(engine: Engine) -> bool:
    try:
        with urllib.request.urlopen(f"{engine.url}/_localstack/health", timeout=2):  # noqa: S310 - loopback
            return True
    except OSError:
        return False
