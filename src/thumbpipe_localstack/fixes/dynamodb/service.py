"""DynamoDB served by moto, within LocalStack's process; LocalStack would download and start a Java program.

Chosen by ``PROVIDER_OVERRIDE_DYNAMODB=moto`` (and ``PROVIDER_OVERRIDE_DYNAMODBSTREAMS=moto`` for the streams API).
"""

import threading
import time
import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.http import Request
from localstack.services.edge import ROUTER
from localstack.services.moto import call_moto
from localstack.services.plugins import PLUGIN_NAMESPACE, Service, ServiceLifecycleHook, ServicePluginAdapter
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from plux import PluginSpec

from thumbpipe_localstack.fixes.dynamodb import answers, statements
from thumbpipe_localstack.fixes.dynamodb.expressions import RefusedRequestError, check_request

_Operation = Callable[[RequestContext, dict[str, Any]], Any]

# Where answers describe a table.
_DESCRIPTIONS: Final = frozenset({"Table", "TableDescription"})

_EXPIRED_PATH: Final = "/_aws/dynamodb/expired"

# moto evaluates a condition and writes in two steps, and copies whole tables for a transaction, while LocalStack serves
# requests on many threads. This lock makes each request atomic, as DynamoDB's item operations are.
_LOCK: Final = threading.RLock()


def _proxy(context: RequestContext, _request: dict[str, Any]) -> Any:  # noqa: ANN401 - LocalStack's own contract
    with _LOCK:
        return call_moto(context)


def _find_table(context: RequestContext, name: str) -> Any:  # noqa: ANN401 - moto is not there when types are checked
    """Return moto's table by name or ARN, or None."""
    tables = dynamodb_backends[context.account_id][context.region].tables
    return tables.get(name) or next((table for table in tables.values() if table.table_arn == name), None)


def _update_table(context: RequestContext, request: dict[str, Any]) -> Any:  # noqa: ANN401
    """Update a table, including its encryption, which moto sets at creation only."""
    with _LOCK:
        table = _find_table(context, request["TableName"])
        sse = request.get("SSESpecification")
        if table is not None and sse is not None:
            # moto creates the default key nowhere else.
            key = sse.get("KMSMasterKeyId") or table._get_default_encryption_key(context.account_id, context.region)  # noqa: SLF001
            table.sse_specification = {**sse, "KMSMasterKeyId": key}
        return call_moto(context)


def _tag_resource(context: RequestContext, request: dict[str, Any]) -> Any:  # noqa: ANN401
    """Set tags; moto would keep the old value of a key, too."""
    with _LOCK:
        table = _find_table(context, request["ResourceArn"])
        if table is not None:
            names = {tag["Key"] for tag in request["Tags"]}
            table.tags = [tag for tag in table.tags if tag["Key"] not in names]
        return call_moto(context)


def _require_table(context: RequestContext, request: dict[str, Any]) -> None:
    name = request["TableName"]
    if _find_table(context, name) is None:
        raise CommonServiceException(
            "ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"
        )


def _time_to_live(context: RequestContext, request: dict[str, Any]) -> Any:  # noqa: ANN401
    """Describe or update the time to live, with AWS's error for a missing table."""
    with _LOCK:
        _require_table(context, request)
        response = call_moto(context)
    description = response.get("TimeToLiveDescription", {})
    if description.get("TimeToLiveStatus") == "DISABLED":
        description.pop("AttributeName", None)
    return response


def _update_continuous_backups(context: RequestContext, request: dict[str, Any]) -> Any:  # noqa: ANN401
    """Update point-in-time recovery, with its period, which moto ignores."""
    with _LOCK:
        response = call_moto(context)
        specification = request["PointInTimeRecoverySpecification"]
        if specification["PointInTimeRecoveryEnabled"]:
            days = specification.get("RecoveryPeriodInDays", 35)
            backups = _find_table(context, request["TableName"]).continuous_backups
            for description in (backups, response["ContinuousBackupsDescription"]):
                description["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] = days
        return response


_OPERATIONS: Final[dict[str, _Operation]] = {
    "BatchExecuteStatement": statements.execute_batch,
    "DescribeTimeToLive": _time_to_live,
    "ExecuteStatement": statements.execute,
    "ExecuteTransaction": statements.execute,
    "TagResource": _tag_resource,
    "UpdateContinuousBackups": _update_continuous_backups,
    "UpdateTable": _update_table,
    "UpdateTimeToLive": _time_to_live,
}


def _like_aws(name: str, operation: _Operation) -> _Operation:
    """Have an operation refuse what DynamoDB refuses, and answer as it does."""

    def run(context: RequestContext, request: dict[str, Any]) -> Any:  # noqa: ANN401
        with _LOCK:
            table = _find_table(context, request.get("TableName") or "")
            _check(name, request, table)
            answer = operation(context, request) or {}
            answers.tidy(name, request, answer)
            for member in _DESCRIPTIONS & answer.keys():
                described = _find_table(context, answer[member]["TableName"]) or table  # which may be deleted now
                _complete_description(described, request, answer[member])
            return answer

    return run


def _check(name: str, request: dict[str, Any], table: Any) -> None:  # noqa: ANN401
    indexes = table.global_indexes if table else ()
    projections = {index.name: index.projection.get("ProjectionType", "ALL") for index in indexes}
    try:
        check_request(name, request, projections)
    except RefusedRequestError as error:
        raise CommonServiceException("ValidationException", str(error), status_code=400, sender_fault=True) from error


def _complete_description(table: Any, request: dict[str, Any], description: dict[str, Any]) -> None:  # noqa: ANN401
    # With the table, as part of moto's state.
    if not hasattr(table, "table_id"):
        table.table_id, table.table_class = str(uuid.uuid4()), "STANDARD"
    table.table_class = request.get("TableClass") or table.table_class
    answers.describe_class(description, table.table_id, table.table_class)


def _is_expired(value: DynamoType | None, now: float) -> bool:
    if value is None or value.type != "N":  # DynamoDB ignores other types
        return False
    try:
        return Decimal(value.value) <= Decimal(now)
    except InvalidOperation:
        return False


def _sweep_table(table: Any, now: float) -> int:  # noqa: ANN401
    """Remove a table's expired items, and return their number."""
    if table.ttl["TimeToLiveStatus"] != "ENABLED":
        return 0
    attribute = table.ttl["AttributeName"]
    expired = [item for item in table.all_items() if _is_expired(item.attrs.get(attribute), now)]
    for item in expired:
        table.delete_item(item.hash_key, item.range_key)
    return len(expired)


def remove_expired_items() -> int:
    """Remove the expired items of every table with a time to live, and return their number."""
    with _LOCK:
        now = time.time()
        regions = [backend for account in dynamodb_backends.values() for backend in account.values()]
        return sum(_sweep_table(table, now) for backend in regions for table in backend.tables.values())


class _Lifecycle(ServiceLifecycleHook):  # type: ignore[misc] # LocalStack carries no types
    """Offers LocalStack's developer endpoint that deletes expired items."""

    def __init__(self) -> None:
        self._rules: list[Any] = []

    def on_before_start(self) -> None:
        self._rules = [ROUTER.add(_EXPIRED_PATH, self._serve_expired, methods=["DELETE"])]

    def on_before_stop(self) -> None:
        ROUTER.remove(self._rules)

    @staticmethod
    def _serve_expired(_request: Request, **_arguments: object) -> dict[str, int]:
        return {"ExpiredItems": remove_expired_items()}


def _create_service(name: str, operations: dict[str, _Operation], lifecycle: _Lifecycle | None = None) -> Service:
    model = load_service(name)
    table = {name: _like_aws(name, operations.get(name, _proxy)) for name in model.operation_names}
    # Service visits moto's backends and LocalStack's store of that name itself when state is saved, loaded or reset.
    return Service(name=name, skeleton=Skeleton(model, table), lifecycle_hook=lifecycle)


def _create_dynamodb() -> ServicePluginAdapter:
    return ServicePluginAdapter("dynamodb", lambda: _create_service("dynamodb", _OPERATIONS, _Lifecycle()))


def _create_dynamodbstreams() -> ServicePluginAdapter:
    return ServicePluginAdapter("dynamodbstreams", lambda: _create_service("dynamodbstreams", {}))


dynamodb_moto = PluginSpec(PLUGIN_NAMESPACE, "dynamodb:moto", factory=_create_dynamodb)
dynamodbstreams_moto = PluginSpec(PLUGIN_NAMESPACE, "dynamodbstreams:moto", factory=_create_dynamodbstreams)
