"""Requests that DynamoDB refuses and moto accepts."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

Request = Mapping[str, Any]

_PLACEHOLDER: Final = re.compile(r"[:#][A-Za-z0-9_]+")
_VALUES: Final = "ExpressionAttributeValues"
_NAMES: Final = "ExpressionAttributeNames"

# The expressions of each operation. No value can stand in a projection.
_EXPRESSIONS: Final = {
    "DeleteItem": ("ConditionExpression",),
    "PutItem": ("ConditionExpression",),
    "Query": ("FilterExpression", "KeyConditionExpression", "ProjectionExpression"),
    "Scan": ("FilterExpression", "ProjectionExpression"),
    "UpdateItem": ("UpdateExpression", "ConditionExpression"),
}
_IN_TRANSACTIONS: Final = {
    "ConditionCheck": ("ConditionExpression",),
    "Delete": ("ConditionExpression",),
    "Get": ("ProjectionExpression",),
    "Put": ("ConditionExpression",),
    "Update": ("UpdateExpression", "ConditionExpression"),
}
_OF_NAMES: Final = "ProjectionExpression"
_READS: Final = ("Query", "Scan")


class RefusedRequestError(Exception):
    """A request that DynamoDB refuses; the message is DynamoDB's."""


def check_request(operation: str, request: Request, projections: Mapping[str, str]) -> None:
    """Check a request.

    Args:
        operation: Its name, as in ``PutItem``.
        request: Its parameters.
        projections: The projection type of each global secondary index of the table, by the index's name.

    Raises:
        RefusedRequestError: DynamoDB would refuse it.
    """
    for part, expressions in _list_parts(operation, request):
        _check_values_have_a_use(part, expressions)
        _check_used(part, _VALUES, expressions)
        _check_used(part, _NAMES, expressions)
    if operation in _READS:
        _check_selection(request, projections)


def _list_parts(operation: str, request: Request) -> Iterable[tuple[Request, Collection[str]]]:
    if operation in _EXPRESSIONS:
        return [(request, _EXPRESSIONS[operation])]
    items = request.get("TransactItems") or ()
    return [(part, _IN_TRANSACTIONS[kind]) for item in items for kind, part in item.items() if kind in _IN_TRANSACTIONS]


def _check_values_have_a_use(part: Request, expressions: Collection[str]) -> None:
    possible = [name for name in expressions if name != _OF_NAMES]
    if part.get(_VALUES) and not any(part.get(name) for name in possible):
        verb = "is" if len(possible) == 1 else "are"
        listed = " and ".join(possible)
        raise RefusedRequestError(f"{_VALUES} can only be specified when using expressions: {listed} {verb} null")


def _check_used(part: Request, kind: str, expressions: Collection[str]) -> None:
    used = {found for name in expressions for found in _PLACEHOLDER.findall(part.get(name) or "")}
    if unused := [name for name in part.get(kind) or () if name not in used]:
        raise RefusedRequestError(f"Value provided in {kind} unused in expressions: keys: {{{', '.join(unused)}}}")


def _check_selection(request: Request, projections: Mapping[str, str]) -> None:
    index = request.get("IndexName") or ""
    if request.get("Select") == "ALL_ATTRIBUTES" and projections.get(index, "ALL") != "ALL":
        raise RefusedRequestError(
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
            f"secondary index {index} because its projection type is not ALL"
        )
