"""Tags of CloudWatch Logs' deliveries, which LocalStack does not find where moto stores them."""

from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.logs import LogsApi
from localstack.runtime import hooks


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def keep_tags_of_deliveries() -> None:
    """Implement the operations that set tags, of which LocalStack's API has only stubs."""
    LogsApi.put_delivery_source = put_delivery_source
    LogsApi.put_delivery_destination = put_delivery_destination
    LogsApi.create_delivery = create_delivery


@handler("PutDeliverySource", expand=False)  # type: ignore[untyped-decorator]
def put_delivery_source(_api: LogsApi, context: RequestContext, request: dict[str, Any]) -> dict[str, Any]:
    """Create or update a delivery source."""
    return _make(context, request, "deliverySource")


@handler("PutDeliveryDestination", expand=False)  # type: ignore[untyped-decorator]
def put_delivery_destination(_api: LogsApi, context: RequestContext, request: dict[str, Any]) -> dict[str, Any]:
    """Create or update a delivery destination."""
    return _make(context, request, "deliveryDestination")


@handler("CreateDelivery", expand=False)  # type: ignore[untyped-decorator]
def create_delivery(_api: LogsApi, context: RequestContext, request: dict[str, Any]) -> dict[str, Any]:
    """Create a delivery."""
    return _make(context, request, "delivery")


def _make(context: RequestContext, request: dict[str, Any], what: str) -> dict[str, Any]:
    # Imported here: they load moto's CloudWatch Logs, which takes time.
    from localstack.services.logs.models import logs_stores  # noqa: PLC0415
    from localstack.services.moto import call_moto  # noqa: PLC0415

    answer: dict[str, Any] = call_moto(context)
    # An entry even without tags: LocalStack can add tags later only to existing entries.
    tags = logs_stores[context.account_id][context.region].TAGS.setdefault(answer[what]["arn"], {})
    tags.update(request.get("tags") or {})
    return answer
