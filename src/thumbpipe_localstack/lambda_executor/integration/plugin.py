"""Where LocalStack finds the executor: ``LAMBDA_RUNTIME_EXECUTOR=process``."""

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin

from thumbpipe_localstack.lambda_executor.integration import patches
from thumbpipe_localstack.lambda_executor.integration.executor import ProcessRuntimeExecutor


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc] # LocalStack carries no types
    """Loaded by LocalStack when somebody chose this executor, and only then."""

    name = "process"

    def load(self, *_args: object, **_kwargs: object) -> type[ProcessRuntimeExecutor]:
        """Mend what LocalStack would do on its own and hand out the executor."""
        patches.apply()
        return ProcessRuntimeExecutor
