"""Clients of the engine's own services."""

from typing import Any


def client_of(service: str, account_id: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client that acts for an account, as its owner."""
    # Here, not above: what is pure beside it is to be of use without LocalStack.
    from localstack.aws.connect import connect_to  # noqa: PLC0415

    return getattr(connect_to(aws_access_key_id=account_id, region_name=region), service)


def is_running(service: str) -> bool:
    """Tell whether anybody has used a service since the engine started: LocalStack loads each at its first use."""
    from localstack.services.plugins import SERVICE_PLUGINS  # noqa: PLC0415 - as above

    return bool(SERVICE_PLUGINS.is_running(service))
