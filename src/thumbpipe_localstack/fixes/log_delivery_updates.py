"""UpdateDeliveryConfiguration of CloudWatch Logs, which LocalStack and moto lack."""

from typing import Any, Final

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.logs import LogsApi
from localstack.runtime import hooks

_CHANGEABLE: Final = {
    "recordFields": "record_fields",
    "fieldDelimiter": "field_delimiter",
    "s3DeliveryConfiguration": "s3_delivery_configuration",
}


@hooks.on_infra_start()  # type: ignore[untyped-decorator] # LocalStack ships no types
def keep_deliveries() -> None:
    """Implement the operation, of which LocalStack's API has only a stub."""
    LogsApi.update_delivery_configuration = update_delivery_configuration


@handler("UpdateDeliveryConfiguration", expand=False)  # type: ignore[untyped-decorator]
def update_delivery_configuration(_api: LogsApi, context: RequestContext, request: dict[str, Any]) -> dict[str, Any]:
    """Update a delivery's fields, delimiter, and path in the bucket."""
    # Imported here: it loads moto's CloudWatch Logs, which takes time.
    from moto.logs.models import logs_backends  # noqa: PLC0415

    delivery = logs_backends[context.account_id][context.region].get_delivery(request["id"])
    for name, attribute in _CHANGEABLE.items():
        if request.get(name) is not None:
            setattr(delivery, attribute, request[name])
    return {}
