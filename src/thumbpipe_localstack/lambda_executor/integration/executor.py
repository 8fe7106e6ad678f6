"""The executor that LocalStack calls: runs an execution environment for each of its models."""

import atexit
import functools
import hashlib
import os
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from localstack import config
from localstack.runtime.shutdown import SHUTDOWN_HANDLERS
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from thumbpipe_localstack.gateway.listening import in_url, reachable_host
from thumbpipe_localstack.lambda_executor.integration.settings import Settings
from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent
from thumbpipe_localstack.lambda_executor.output.log_writer import LogStream, LogWriter
from thumbpipe_localstack.lambda_executor.output.pipe import OutputPump
from thumbpipe_localstack.lambda_executor.output.report import JsonReporter, Reporter, TextReporter
from thumbpipe_localstack.lambda_executor.preparation.environ import Folders, build_environ, name_log_group
from thumbpipe_localstack.lambda_executor.preparation.interpreters import find_interpreter
from thumbpipe_localstack.lambda_executor.preparation.layers import list_python_folders, merge_layers
from thumbpipe_localstack.lambda_executor.preparation.runtime_folder import build_runtime_folder
from thumbpipe_localstack.lambda_executor.process.guard import Guard
from thumbpipe_localstack.lambda_executor.process.memory import MemoryWatch, find_cgroup_parent
from thumbpipe_localstack.lambda_executor.runtime import Host, Program
from thumbpipe_localstack.lambda_executor.runtime_api.server import Invocation
from thumbpipe_localstack.lambda_executor.sandbox import Sandbox

_Made = TypeVar("_Made")
_KEPT_LINES: Final = 200


class UnsupportedFunctionError(Exception):
    """A function that this executor cannot run."""


def _once(create: Callable[[], _Made]) -> Callable[[], _Made]:
    """Call a function only once; ``functools.cache`` alone would let two threads call it at the same time."""
    lock, cached = threading.Lock(), functools.cache(create)

    def get() -> _Made:
        with lock:
            return cached()

    return get


@_once
def _get_host() -> Host:
    """Return what all environments share; created for the first function."""
    root = Path(tempfile.mkdtemp(prefix="localstack-lambda-"))
    guard = Guard(root)
    SHUTDOWN_HANDLERS.register(guard.kill_all)
    atexit.register(guard.close)
    return Host(
        root=root,
        runtime_folder=build_runtime_folder(root / "runtime"),
        cgroup_parent=find_cgroup_parent(),
        python_client=Settings.from_env(os.environ).python_client,
        guard=guard,
        pump=OutputPump(),
        watch=MemoryWatch(),
    )


@_once
def _get_log_writer() -> LogWriter:
    return LogWriter()


class ProcessRuntimeExecutor(RuntimeExecutor):  # type: ignore[misc] # LocalStack carries no types
    """Runs one execution environment of a function as a child process."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - LocalStack's name
        super().__init__(id=id, function_version=function_version)
        self._sandbox: Sandbox | None = None
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def start(self, env_vars: dict[str, object]) -> None:
        """Start the environment; the first invocation waits for its initialization."""
        host = _get_host()
        version = self.function_version.config
        folders = Folders(
            task_root=Path(version.code.get_unzipped_code_location()),
            runtime=host.runtime_folder,
            layers=_prepare_layers(self.function_version),
            temporary=host.root / self.id,
        )
        interpreter = find_interpreter(version.runtime)
        environ = build_environ(self.function_version, env_vars, folders)
        search_path = [str(folders.task_root)]
        search_path += list_python_folders(folders.layers, interpreter.version) if folders.layers else []
        search_path += [part for part in environ.pop("PYTHONPATH", "").split(os.pathsep) if part]
        stream = LogStream(
            region=self.function_version.id.region,
            group=name_log_group(self.function_version),
            name=environ["AWS_LAMBDA_LOG_STREAM_NAME"],
            access_key=environ["AWS_ACCESS_KEY_ID"],
            secret_key=environ["AWS_SECRET_ACCESS_KEY"],
            session_token=environ["AWS_SESSION_TOKEN"],
        )
        self._sandbox = Sandbox(
            program=Program(
                python=interpreter.executable,
                handler=version.handler,
                task_root=folders.task_root,
                search_path=search_path,
                environ=environ,
                memory_mb=version.memory_size,
                timeout_seconds=version.timeout,
            ),
            reporter=_create_reporter(self.function_version),
            host=host,
            folder=folders.temporary,
            sink=functools.partial(self._log, stream),
        )
        self._sandbox.start()

    def stop(self) -> None:
        """Stop the environment after the current invocation."""
        if self._sandbox:
            self._sandbox.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Invoke the function."""
        if not self._sandbox:
            raise RuntimeError(f"execution environment {self.id} was not started")
        request_id = payload["invoke-id"]
        invocation = Invocation(
            request_id=request_id,
            function_arn=payload["invoked-function-arn"],
            payload=payload["payload"].encode(),
            trace_id=payload["trace-id"],
        )
        outcome = self._sandbox.invoke(invocation)
        return InvocationResult(request_id, outcome.payload, is_error=outcome.is_error, logs=outcome.log)

    def get_address(self) -> str:
        """Return the environment's address."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Return the host by which functions reach LocalStack."""
        return in_url(reachable_host(config.GATEWAY_LISTEN))

    def get_runtime_endpoint(self) -> str:
        """Return the address that LocalStack's container runtime would call; unused by processes."""
        return (
            f"http://{self.get_endpoint_from_executor()}:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"
        )

    def get_logs(self) -> str:
        """Return the last lines of the environment's log."""
        return "\n".join(self._lines)

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack code and layers and find an interpreter; an error becomes the function's `StateReason`.

        Raises:
            UnsupportedFunctionError: if the function is a container image.
            NoInterpreterError: if no interpreter fits.
        """
        version = function_version.config
        if version.code is None:
            raise UnsupportedFunctionError("The process executor runs functions from ZIP archives, not from images.")
        find_interpreter(version.runtime)
        version.code.prepare_for_execution()
        _prepare_layers(function_version)

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Do nothing: LocalStack removes the code with the function."""

    def _log(self, stream: LogStream, events: list[LogEvent]) -> None:
        self._lines.extend(event.text for event in events)
        _get_log_writer().put(stream, events)


def _prepare_layers(function_version: FunctionVersion) -> Path | None:
    layers = function_version.config.layers
    if not layers:
        return None
    for layer in layers:
        layer.code.prepare_for_execution()
    name = hashlib.sha256("\n".join(layer.layer_version_arn for layer in layers).encode()).hexdigest()[:16]
    folders = [Path(layer.code.get_unzipped_code_location()) for layer in layers]
    return merge_layers(folders, _get_host().root / "layers" / name)


def _create_reporter(function_version: FunctionVersion) -> Reporter:
    logging_config = function_version.config.logging_config
    runtime = str(function_version.config.runtime).replace("python", "python:")
    if logging_config.get("LogFormat") == "JSON":
        level = logging_config.get("SystemLogLevel", "INFO")
        return JsonReporter(version=function_version.id.qualifier, runtime=runtime, level=level)
    return TextReporter(version=function_version.id.qualifier, runtime=runtime)
