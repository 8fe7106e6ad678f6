"""boto3 clients of LocalStack's own services."""

from typing import Any


def client_of(service: str, account_id: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client with an account's own credentials."""
    # Imported here: other modules of this package are used without LocalStack.
    from localstack.aws.connect import connect_to  # noqa: PLC0415

    return getattr(connect_to(aws_access_key_id=account_id, region_name=region), service)


def is_running(service: str) -> bool:
    """Return whether a service has been used: LocalStack loads each on first use."""
    from localstack.services.plugins import SERVICE_PLUGINS  # noqa: PLC0415 - as above

    return bool(SERVICE_PLUGINS.is_running(service))
