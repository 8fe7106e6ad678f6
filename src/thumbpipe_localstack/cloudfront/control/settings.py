"""Settings of the control plane, from LocalStack's environment."""

import os
from collections.abc import Mapping
from typing import Final

_DEPLOY_SECONDS: Final = 0.5


def read_deploy_seconds(environ: Mapping[str, str] = os.environ) -> float:
    """Return how many seconds a change takes to be deployed: `CLOUDFRONT_DEPLOY_SECONDS`.

    Raises:
        ValueError: It is not a number, or it is negative.
    """
    seconds = float(environ.get("CLOUDFRONT_DEPLOY_SECONDS") or _DEPLOY_SECONDS)
    if not seconds >= 0:
        raise ValueError(f"CLOUDFRONT_DEPLOY_SECONDS must not be negative: {seconds}")
    return seconds
