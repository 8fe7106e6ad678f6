"""Requests that DynamoDB refuses, by what stands in their expressions."""

from typing import Any, Final

import pytest

from thumbpipe_localstack.fixes.dynamodb.expressions import RefusedRequestError, check_request

VALUE: Final = {"S": "v"}
INDEXES: Final = {"all": "ALL", "keys": "KEYS_ONLY", "some": "INCLUDE"}
EXPRESSIONS: Final = {
    "PutItem": "ConditionExpression",
    "DeleteItem": "ConditionExpression",
    "UpdateItem": "UpdateExpression",
    "Query": "KeyConditionExpression",
    "Scan": "FilterExpression",
}


def _check(operation: str, **request: Any) -> None:  # noqa: ANN401 - a request's parameters
    check_request(operation, request, INDEXES)


@pytest.mark.parametrize(("operation", "expression"), EXPRESSIONS.items())
def test_values_and_names_that_are_used_pass(operation: str, expression: str) -> None:
    used = {expression: "#a = :a", "ExpressionAttributeValues": {":a": VALUE}, "ExpressionAttributeNames": {"#a": "b"}}

    _check(operation, **used)
    _check(operation)


@pytest.mark.parametrize(("operation", "expression"), EXPRESSIONS.items())
@pytest.mark.parametrize(("kind", "sign", "content"), [("Values", ":", VALUE), ("Names", "#", "b")])
def test_what_is_not_used_is_refused_by_its_name(
    operation: str, expression: str, kind: str, sign: str, content: object
) -> None:
    given = {f"{sign}{name}": content for name in ("a", "ab", "c", "abc")}
    message = rf"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {{{sign}a, {sign}c}}"

    with pytest.raises(RefusedRequestError, match=message):
        _check(operation, **{expression: f"x = {sign}ab AND y={sign}abc", f"ExpressionAttribute{kind}": given})


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("PutItem", "ConditionExpression is null"),
        ("UpdateItem", "UpdateExpression and ConditionExpression are null"),
        ("Query", "FilterExpression and KeyConditionExpression are null"),
        ("Scan", "FilterExpression is null"),
    ],
)
def test_values_without_an_expression_are_refused(operation: str, words: str) -> None:
    with pytest.raises(RefusedRequestError, match=f"can only be specified when using expressions: {words}"):
        _check(operation, ExpressionAttributeValues={":a": VALUE})


def test_a_value_of_either_expression_is_used() -> None:
    values = {":a": VALUE, ":b": VALUE}

    _check("UpdateItem", UpdateExpression="SET x = :a", ConditionExpression="y=:b", ExpressionAttributeValues=values)
    _check("Query", KeyConditionExpression="k=:a", FilterExpression="x IN (:b)", ExpressionAttributeValues=values)


@pytest.mark.parametrize("kind", ["Put", "Delete", "Update", "ConditionCheck"])
def test_each_item_of_a_transaction_is_checked(kind: str) -> None:
    good = {"Put": {"ConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": VALUE}}}
    expression = "UpdateExpression" if kind == "Update" else "ConditionExpression"
    bad = {kind: {expression: "a = :a", "ExpressionAttributeValues": {":a": VALUE, ":b": VALUE}}}

    _check("TransactWriteItems", TransactItems=[good])
    with pytest.raises(RefusedRequestError, match=r"keys: \{:b\}"):
        _check("TransactWriteItems", TransactItems=[good, bad])


@pytest.mark.parametrize("operation", ["Query", "Scan"])
@pytest.mark.parametrize("index", ["keys", "some"])
def test_all_attributes_are_not_in_an_index_that_does_not_have_them(operation: str, index: str) -> None:
    with pytest.raises(
        RefusedRequestError, match=f"ALL_ATTRIBUTES is not supported for global secondary index {index}"
    ):
        _check(operation, IndexName=index, Select="ALL_ATTRIBUTES")

    _check(operation, IndexName=index, Select="ALL_PROJECTED_ATTRIBUTES")
    _check(operation, IndexName="all", Select="ALL_ATTRIBUTES")
    _check(operation, IndexName="local", Select="ALL_ATTRIBUTES")  # it is fetched from the table
    _check(operation, Select="ALL_ATTRIBUTES")
