"""LocalStack's plugin for ``LAMBDA_RUNTIME_EXECUTOR=process``."""

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin

from thumbpipe_localstack.lambda_executor.integration import patches
from thumbpipe_localstack.lambda_executor.integration.executor import ProcessRuntimeExecutor


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc] # LocalStack carries no types
    """Loaded by LocalStack if this executor is chosen."""

    name = "process"

    def load(self, *_args: object, **_kwargs: object) -> type[ProcessRuntimeExecutor]:
        """Patch LocalStack's Lambda and return the executor."""
        patches.apply()
        return ProcessRuntimeExecutor
