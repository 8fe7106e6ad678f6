"""`credentials`: what other programs need to use a running stack's engine."""

import shlex
import sys
from typing import Final

from thumbpipe_devkit.errors import NothingRunsError
from thumbpipe_devkit.runs import running_file

AWS_CLI: Final = 'For the AWS CLI: eval "$(python3 -m nox -s credentials)"'


def show(*, name: str | None) -> int:
    """Print, for a shell, the exports that make AWS's tools use a running stack's engine.

    Args:
        name: The run; None for the newest one of `up` or `demo` in this checkout.

    Returns:
        The exit status.

    Raises:
        NothingRunsError: No such stack is running.
    """
    told = running_file.of_this_checkout("up", "demo") if name is None else running_file.named(name)
    if told is None:
        raise NothingRunsError(
            "`up` or `demo` has started no stack in this checkout" if name is None else f"there is no run {name}"
        )
    variables = {
        "AWS_ENDPOINT_URL": told.endpoint_url,
        "AWS_REGION": told.region,
        # boto3 and version 1 of the AWS CLI read only this one.
        "AWS_DEFAULT_REGION": told.region,
        **told.credentials.as_environment(),
    }
    # A session token in the shell belongs to another key: services would reject it with this one.
    sys.stdout.write("unset AWS_SESSION_TOKEN\n")
    sys.stdout.writelines(f"export {variable}={shlex.quote(value)}\n" for variable, value in variables.items())
    return 0
