"""The environment variables of an execution environment."""

import os
from collections.abc import Mapping
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

from thumbpipe_localstack.lambda_executor.runtime import Host

LAYERS_VARIABLE = "LAMBDA_LAYERS_ROOT"
"""Names the folder that takes the place of ``/opt``, where a function has layers."""

_HARMLESS = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def name_log_group(function_version: FunctionVersion) -> str:
    """Return the function's log group: its own choice, or Lambda's default."""
    chosen = function_version.config.logging_config.get("LogGroup")
    return chosen or f"/aws/lambda/{function_version.id.function_name}"


def build_environ(
    function_version: FunctionVersion,
    given: Mapping[str, object],
    *,
    task_root: Path,
    folder: Path,
    layers: Path | None,
    host: Host,
) -> dict[str, str]:
    """Build the whole environment; nothing else of the engine's own reaches a function.

    Args:
        function_version: The function.
        given: What LocalStack sets, the function's own variables included.
        task_root: The unpacked code.
        folder: The environment's own folder.
        layers: The merged layers, if there are any.
        host: Shared with the other environments.
    """
    version = function_version.config
    inherited = {name: os.environ[name] for name in _HARMLESS if name in os.environ}
    own = {
        "LAMBDA_TASK_ROOT": str(task_root),
        "LAMBDA_RUNTIME_DIR": str(host.runtime_folder),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{version.runtime}",
        "AWS_LAMBDA_LOG_GROUP_NAME": name_log_group(function_version),
        "TMPDIR": str(folder / "tmp"),
        "HOME": str(folder / "tmp"),  # so that boto3 finds no configuration of whoever started LocalStack
        "_LAMBDA_TELEMETRY_LOG_FD": "1",  # log records as frames, in line with what is printed
    }
    if version.logging_config.get("LogFormat") == "JSON":
        own["AWS_LAMBDA_LOG_LEVEL"] = version.logging_config.get("ApplicationLogLevel", "INFO")
    environ = {**inherited, **{name: str(text) for name, text in given.items()}, **own}
    if layers:
        environ[LAYERS_VARIABLE] = str(layers)
        environ["PATH"] = os.pathsep.join([environ.get("PATH", os.defpath), str(layers / "bin")])
        libraries = [environ.get("LD_LIBRARY_PATH", ""), str(layers / "lib")]
        environ["LD_LIBRARY_PATH"] = os.pathsep.join(part for part in libraries if part)
    own_variables = version.environment or {}
    return environ | {name: own_variables[name] for name in ("TMPDIR", "HOME") if name in own_variables}
