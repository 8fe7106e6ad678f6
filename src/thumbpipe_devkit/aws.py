"""AWS's services on a LocalStack."""

from typing import Any

import boto3


def client(service: str, endpoint_url: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Make a client with LocalStack's own credentials, whatever the user's environment says."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - LocalStack's own
    )
