"""Patches of LocalStack's Lambda where the executor takes over."""

import contextlib
import functools
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from localstack.services.lambda_.invocation import execution_environment
from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InitializationType
from localstack.services.lambda_.invocation.lambda_service import LambdaService
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager
from localstack.utils.patch import patch

from thumbpipe_localstack.lambda_executor.integration.settings import Settings
from thumbpipe_localstack.lambda_executor.integration.sqs_polling import poll_in_parallel


@functools.cache
def apply() -> None:
    """Apply the patches, once."""
    limit = Settings.from_env(os.environ).max_environments
    _limit_environments(limit)
    poll_in_parallel(limit)
    _leave_logs_to_the_executor()
    _let_failed_functions_go()
    _let_failed_functions_change()
    _let_the_engine_go()


def _limit_environments(limit: int) -> None:
    # LocalStack starts an environment whenever none is idle. Docker queues containers; processes would all run at once.
    slots: dict[str, threading.BoundedSemaphore] = defaultdict(lambda: threading.BoundedSemaphore(limit))

    @patch(AssignmentService.get_environment)  # type: ignore[untyped-decorator]
    @contextlib.contextmanager
    def get_environment(
        original: Callable[..., contextlib.AbstractContextManager[object]],
        service: object,
        version_manager_id: str,
        function_version: FunctionVersion,
        provisioning_type: InitializationType,
    ) -> Iterator[object]:
        is_limited = provisioning_type == InitializationType.on_demand and not _is_reserved(function_version)
        slot = slots[version_manager_id] if is_limited else contextlib.nullcontext()
        with slot, original(service, version_manager_id, function_version, provisioning_type) as environment:
            yield environment


def _is_reserved(version: FunctionVersion) -> bool:
    """Return whether LocalStack itself limits the function's concurrency, because it has reserved concurrency."""
    function = lambda_stores[version.id.account][version.id.region].functions.get(version.id.function_name)
    return function is not None and function.reserved_concurrent_executions is not None


def _leave_logs_to_the_executor() -> None:
    # LocalStack would write an invocation's log a second time: to the default group, whatever LoggingConfig says.
    @patch(LambdaVersionManager.store_logs)  # type: ignore[untyped-decorator]
    def store_logs(_original: Callable[..., None], *_: Any, **__: Any) -> None:  # noqa: ANN401 - LocalStack's own
        return


def _let_failed_functions_go() -> None:
    # LocalStack responds 500 to the deletion of a function that could not be created, e.g. without an interpreter.
    @patch(LambdaService.stop_version)  # type: ignore[untyped-decorator]
    def stop_version(original: Callable[[object, str], None], service: Any, qualified_arn: str) -> None:  # noqa: ANN401
        if qualified_arn in service.lambda_running_versions or qualified_arn in service.lambda_starting_versions:
            original(service, qualified_arn)
        else:
            service.event_managers.pop(qualified_arn, None)


def _let_failed_functions_change() -> None:
    # LocalStack responds 500 to the update of a function that could not be created, and SDKs repeat a 500. On AWS an
    # update is the way out.
    @patch(LambdaService.update_version)  # type: ignore[untyped-decorator]
    def update_version(original: Callable[..., object], service: Any, new_version: FunctionVersion) -> object:  # noqa: ANN401
        if new_version.qualified_arn in service.lambda_running_versions:
            return original(service, new_version)
        return service.create_function_version(function_version=new_version)


def _let_the_engine_go() -> None:
    # At exit Python would wait for LocalStack's timers that stop idle environments: up to ten minutes.
    class BackgroundTimer(threading.Timer):
        def __init__(self, interval: float, function: Callable[[], object]) -> None:
            super().__init__(interval, function)
            self.daemon = True

    execution_environment.Timer = BackgroundTimer
