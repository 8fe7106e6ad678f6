"""`credentials`: what other programs need to use the engine of a stack that runs here."""

import shlex
import sys
from typing import Final

from thumbpipe_devkit.errors import NothingRunsError
from thumbpipe_devkit.runs import running_file

AWS_CLI: Final = 'For the AWS CLI: eval "$(python3 -m nox -s credentials)"'


def show(*, name: str | None) -> int:
    """Print, for a shell, the exports that make AWS's tools use a running stack's engine.

    Args:
        name: The run; None is the newest that `up` or `demo` holds in this checkout.

    Returns:
        The exit status.

    Raises:
        NothingRunsError: There is none.
    """
    told = running_file.of_this_checkout("up", "demo") if name is None else running_file.named(name)
    if told is None:
        raise NothingRunsError(
            "no stack of `up` or `demo` is there in this checkout" if name is None else f"no run {name} is there"
        )
    variables = {
        "AWS_ENDPOINT_URL": told.endpoint_url,
        "AWS_REGION": told.region,
        # boto3 and the first AWS CLI know this one alone.
        "AWS_DEFAULT_REGION": told.region,
        **told.credentials.as_environment(),
    }
    # Session tokens belong to another key: with ours, services would reject them.
    sys.stdout.write("unset AWS_SESSION_TOKEN\n")
    sys.stdout.writelines(f"export {variable}={shlex.quote(value)}\n" for variable, value in variables.items())
    return 0
