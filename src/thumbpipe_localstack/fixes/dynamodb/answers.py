"""What DynamoDB answers otherwise than moto."""

from collections.abc import Mapping, MutableMapping
from typing import Any

Answer = MutableMapping[str, Any]


def tidy(operation: str, request: Mapping[str, Any], answer: Answer) -> None:
    """Remove from an answer what nobody has asked for.

    Args:
        operation: Its name, as in ``PutItem``.
        request: The request's parameters.
        answer: What moto answers; changed in place.
    """
    if (request.get("ReturnConsumedCapacity") or "NONE") == "NONE":
        answer.pop("ConsumedCapacity", None)
    if (request.get("ReturnItemCollectionMetrics") or "NONE") == "NONE":
        answer.pop("ItemCollectionMetrics", None)
    if not answer.get("Attributes"):
        answer.pop("Attributes", None)
    if operation in ("Query", "Scan") and request.get("Select") == "COUNT":
        answer.pop("Items", None)


def describe_class(description: Answer, table_id: str, table_class: str) -> None:
    """Add to a table's description what moto leaves out."""
    description["TableId"] = table_id
    description["TableClassSummary"] = {"TableClass": table_class}
