"""Tags of CloudWatch Logs' deliveries, which moto keeps where LocalStack does not look: a plan would set them anew."""

from collections.abc import Callable
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.logs import LogsApi
from localstack.runtime import hooks

_MADE_BY = {
    "PutDeliverySource": "deliverySource",
    "PutDeliveryDestination": "deliveryDestination",
    "CreateDelivery": "delivery",
}


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def keep_tags_of_deliveries() -> None:
    """Have LocalStack's API of CloudWatch Logs, which has stubs of these operations only, keep the tags beside moto."""
    LogsApi.put_delivery_source = _keeping("PutDeliverySource")
    LogsApi.put_delivery_destination = _keeping("PutDeliveryDestination")
    LogsApi.create_delivery = _keeping("CreateDelivery")


def _keeping(operation: str) -> Callable[..., dict[str, Any]]:
    @handler(operation, expand=False)  # type: ignore[untyped-decorator]
    def make(_api: LogsApi, context: RequestContext, request: dict[str, Any]) -> dict[str, Any]:
        # Here, not above: they import moto's CloudWatch Logs, for which only those wait who use it.
        from localstack.services.logs.models import logs_stores  # noqa: PLC0415
        from localstack.services.moto import call_moto  # noqa: PLC0415

        answer: dict[str, Any] = call_moto(context)
        arn = answer[_MADE_BY[operation]]["arn"]
        # An entry without tags, too: LocalStack adds later ones only to what has one.
        logs_stores[context.account_id][context.region].TAGS.setdefault(arn, {}).update(request.get("tags") or {})
        return answer

    made: Callable[..., dict[str, Any]] = make
    return made
