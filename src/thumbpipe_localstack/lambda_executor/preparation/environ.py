"""The environment variables of an execution environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

LAYERS_VARIABLE: Final = "LAMBDA_LAYERS_ROOT"
"""Names the folder that replaces ``/opt``, if a function has layers."""

_HARMLESS: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """A function's folders.

    Attributes:
        task_root: The unpacked code.
        runtime: awslambdaric and boto3.
        layers: The merged layers, if there are any.
        temporary: The environment's own folder for temporary files.
    """

    task_root: Path
    runtime: Path
    layers: Path | None
    temporary: Path


def name_log_group(function_version: FunctionVersion) -> str:
    """Return the function's log group: its own choice, or Lambda's default."""
    chosen = function_version.config.logging_config.get("LogGroup")
    return chosen or f"/aws/lambda/{function_version.id.function_name}"


def build_environ(function_version: FunctionVersion, given: Mapping[str, object], folders: Folders) -> dict[str, str]:
    """Build the complete environment; nothing else is inherited from LocalStack's.

    Args:
        function_version: The function.
        given: What LocalStack sets, including the function's own variables.
        folders: The function's folders.
    """
    version = function_version.config
    inherited = {name: os.environ[name] for name in _HARMLESS if name in os.environ}
    own = {
        "LAMBDA_TASK_ROOT": str(folders.task_root),
        "LAMBDA_RUNTIME_DIR": str(folders.runtime),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{version.runtime}",
        "AWS_LAMBDA_LOG_GROUP_NAME": name_log_group(function_version),
        "TMPDIR": str(folders.temporary),
        "HOME": str(folders.temporary),  # so that boto3 does not read the configuration of LocalStack's user
        "_LAMBDA_TELEMETRY_LOG_FD": "1",  # log records as frames, in order with printed text
    }
    if version.logging_config.get("LogFormat") == "JSON":
        own["AWS_LAMBDA_LOG_LEVEL"] = version.logging_config.get("ApplicationLogLevel", "INFO")
    environ = {**inherited, **{name: str(text) for name, text in given.items()}, **own}
    if folders.layers:
        environ[LAYERS_VARIABLE] = str(folders.layers)
        environ["PATH"] = os.pathsep.join([environ.get("PATH", os.defpath), str(folders.layers / "bin")])
        libraries = [environ.get("LD_LIBRARY_PATH", ""), str(folders.layers / "lib")]
        environ["LD_LIBRARY_PATH"] = os.pathsep.join(part for part in libraries if part)
    own_variables = version.environment or {}
    return environ | {name: own_variables[name] for name in ("TMPDIR", "HOME") if name in own_variables}
