import json
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from support.plugin_engine import Engine

THREADS: Final = 50


@pytest.fixture(scope="module")
def dynamodb(engine: Engine) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return engine.client("dynamodb")


def _create_table(dynamodb: Any, **options: object) -> str:  # noqa: ANN401
    name = f"t-{uuid.uuid4().hex[:12]}"
    attributes = {"id": "S", "bucket_month": "S", "sort_key": "S"}
    by_month = {
        "IndexName": "by_month",
        "KeySchema": [
            {"AttributeName": "bucket_month", "KeyType": "HASH"},
            {"AttributeName": "sort_key", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in attributes.items()],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **{"GlobalSecondaryIndexes": [by_month], **options},
    )
    return name


@pytest.fixture
def table(dynamodb: Any) -> Iterator[str]:  # noqa: ANN401
    name = _create_table(dynamodb)
    yield name
    dynamodb.delete_table(TableName=name)


def _key(value: str) -> dict[str, dict[str, str]]:
    return {"id": {"S": value}}


def test_one_of_fifty_conditional_writes_to_a_key_wins(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    def put(number: int) -> bool:
        item = {**_key("one"), "writer": {"N": str(number)}}
        try:
            dynamodb.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(id)")
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        won = list(pool.map(put, range(THREADS)))

    stored = dynamodb.get_item(TableName=table, Key=_key("one"))["Item"]
    assert won.count(True) == 1
    assert stored["writer"]["N"] == str(won.index(True))


def test_fifty_additions_to_a_number_all_count(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    def add(_: int) -> None:
        dynamodb.update_item(
            TableName=table,
            Key=_key("count"),
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(add, range(THREADS)))

    assert dynamodb.get_item(TableName=table, Key=_key("count"))["Item"]["n"] == {"N": str(THREADS)}


def test_a_refused_write_can_return_the_item_that_refused_it(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    dynamodb.put_item(TableName=table, Item={**_key("a"), "sequencer": {"S": "02"}})

    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.update_item(
            TableName=table,
            Key=_key("a"),
            UpdateExpression="SET sequencer = :ours REMOVE expires_at",
            ConditionExpression="attribute_not_exists(sequencer) OR sequencer < :ours",
            ExpressionAttributeValues={":ours": {"S": "01"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    assert refused.value.response["Item"] == {**_key("a"), "sequencer": {"S": "02"}}


def test_a_write_returns_what_was_there_before(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    first, second = ({**_key("a"), "v": {"N": str(number)}} for number in (1, 2))
    dynamodb.put_item(TableName=table, Item=first)

    assert dynamodb.put_item(TableName=table, Item=second, ReturnValues="ALL_OLD")["Attributes"] == first
    assert dynamodb.delete_item(TableName=table, Key=_key("a"), ReturnValues="ALL_OLD")["Attributes"] == second


def test_the_index_is_read_newest_first_page_by_page(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    for number in range(10):
        keys = {"bucket_month": {"S": "2026-11#0"}, "sort_key": {"S": f"{number:02}"}}
        dynamodb.put_item(TableName=table, Item={**_key(f"i{number}"), **keys})
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        IndexName="by_month",
        KeyConditionExpression="bucket_month = :month AND sort_key < :before",
        ExpressionAttributeValues={":month": {"S": "2026-11#0"}, ":before": {"S": "07"}},
        ScanIndexForward=False,
        PaginationConfig={"PageSize": 3},
    )

    read = [[item["sort_key"]["S"] for item in page["Items"]] for page in pages]

    assert [keys for keys in read if keys] == [["06", "05", "04"], ["03", "02", "01"], ["00"]]


def test_a_transaction_writes_all_or_nothing(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    dynamodb.put_item(TableName=table, Item=_key("there"))
    puts = [
        {"Put": {"TableName": table, "Item": _key("new")}},
        {"Put": {"TableName": table, "Item": _key("there"), "ConditionExpression": "attribute_not_exists(id)"}},
    ]

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as cancelled:
        dynamodb.transact_write_items(TransactItems=puts)

    reasons = [reason["Code"] for reason in cancelled.value.response["CancellationReasons"]]
    assert reasons == ["None", "ConditionalCheckFailed"]
    assert "Item" not in dynamodb.get_item(TableName=table, Key=_key("new"))


def _sweep(engine: Engine) -> int:
    request = urllib.request.Request(f"{engine.url}/_aws/dynamodb/expired", method="DELETE")  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return int(json.load(answer)["ExpiredItems"])


def test_expired_items_go_when_the_sweep_comes(engine: Engine, dynamodb: Any, table: str) -> None:  # noqa: ANN401
    specification = {"Enabled": True, "AttributeName": "expires_at"}
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
    now = int(time.time())
    ends = {"old": {"N": str(now - 5)}, "young": {"N": str(now + 500)}, "odd": {"S": str(now - 5)}}
    for name, end in ends.items():
        dynamodb.put_item(TableName=table, Item={**_key(name), "expires_at": end})
    dynamodb.put_item(TableName=table, Item=_key("endless"))

    before = dynamodb.scan(TableName=table)["Count"]
    removed = _sweep(engine)

    left = {item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}
    assert (before, removed, left) == (4, 1, {"young", "odd", "endless"})


def test_time_to_live_is_described_as_it_was_set(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    def describe() -> dict[str, str]:
        description: dict[str, str] = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        return description

    assert describe() == {"TimeToLiveStatus": "DISABLED"}
    for enabled in (True, False):
        specification = {"Enabled": enabled, "AttributeName": "expires_at"}
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
        expected = {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"} if enabled else None
        assert describe() == (expected or {"TimeToLiveStatus": "DISABLED"})


def test_point_in_time_recovery_is_described_as_it_was_set(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    def set_recovery(**specification: object) -> dict[str, Any]:
        dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)
        answer = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        description: dict[str, Any] = answer["PointInTimeRecoveryDescription"]
        return description

    assert set_recovery(PointInTimeRecoveryEnabled=True)["RecoveryPeriodInDays"] == 35
    assert set_recovery(PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)["RecoveryPeriodInDays"] == 7
    assert set_recovery(PointInTimeRecoveryEnabled=False) == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_encryption_can_be_switched_on_and_off(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    def switch(*, on: bool) -> dict[str, str] | None:
        dynamodb.update_table(TableName=table, SSESpecification={"Enabled": on})
        description: dict[str, str] | None = dynamodb.describe_table(TableName=table)["Table"].get("SSEDescription")
        return description

    encrypted = switch(on=True)
    assert encrypted is not None
    assert encrypted["KMSMasterKeyArn"].startswith("arn:aws:kms:us-east-1:000000000000:key/")
    assert switch(on=False) is None


def test_a_tag_that_is_set_again_has_its_new_value_only(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    for value in ("1", "2"):
        dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": value}])

    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "2"}]


def test_a_protected_table_stays(dynamodb: Any) -> None:  # noqa: ANN401
    name = _create_table(dynamodb, DeletionProtectionEnabled=True)

    with pytest.raises(ClientError, match="DeletionProtectionEnabled"):
        dynamodb.delete_table(TableName=name)

    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=name)
    assert name not in dynamodb.list_tables()["TableNames"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_item", {"Key": _key("a")}),
        ("describe_table", {}),
        ("describe_time_to_live", {}),
        ("update_time_to_live", {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "a"}}),
    ],
)
def test_a_missing_table_is_not_found(dynamodb: Any, operation: str, arguments: dict[str, Any]) -> None:  # noqa: ANN401
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        getattr(dynamodb, operation)(TableName="nowhere", **arguments)


def test_each_account_has_its_own_tables(engine: Engine, dynamodb: Any, table: str) -> None:  # noqa: ANN401
    credentials = {"aws_access_key_id": "111111111111", "aws_secret_access_key": "test"}
    other = engine.client("dynamodb", **credentials)

    assert table in dynamodb.list_tables()["TableNames"]
    assert other.list_tables()["TableNames"] == []


def test_a_tables_stream_contains_its_changes(limited_engine: Engine) -> None:
    dynamodb, streams = limited_engine.client("dynamodb"), limited_engine.client("dynamodbstreams")
    table = _create_table(dynamodb, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    dynamodb.put_item(TableName=table, Item=_key("a"))

    arn = streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]

    assert [(record["eventName"], record["dynamodb"]["NewImage"]) for record in records] == [("INSERT", _key("a"))]


def test_nothing_was_downloaded(engine: Engine, dynamodb: Any) -> None:  # noqa: ANN401
    dynamodb.list_tables()

    installed = [path for path in engine.log.parent.rglob("*") if path.suffix in (".jar", ".zip")]
    assert installed == []


def _refuse(call: Callable[..., object], **arguments: object) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_a_value_that_no_expression_uses_is_refused_and_nothing_is_written(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    values = {":a": {"S": "a"}, ":b": {"S": "b"}}
    condition = {"ConditionExpression": "other <> :a", "ExpressionAttributeValues": values}
    update = {"UpdateExpression": "SET other = :a", "ExpressionAttributeValues": values}
    message = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}"

    refusals = [
        _refuse(dynamodb.put_item, TableName=table, Item=_key("one"), **condition),
        _refuse(dynamodb.update_item, TableName=table, Key=_key("one"), **update),
        _refuse(dynamodb.delete_item, TableName=table, Key=_key("one"), **condition),
        _refuse(
            dynamodb.transact_write_items,
            TransactItems=[{"Put": {"TableName": table, "Item": _key("one"), **condition}}],
        ),
        _refuse(dynamodb.scan, TableName=table, FilterExpression="id = :a", ExpressionAttributeValues=values),
    ]

    assert refusals == [("ValidationException", 400, message)] * 5
    assert "Item" not in dynamodb.get_item(TableName=table, Key=_key("one"))


def test_all_attributes_of_an_index_of_keys_are_refused(dynamodb: Any) -> None:  # noqa: ANN401
    keys = [
        {"AttributeName": "bucket_month", "KeyType": "HASH"},
        {"AttributeName": "sort_key", "KeyType": "RANGE"},
    ]
    index = {"IndexName": "keys", "KeySchema": keys, "Projection": {"ProjectionType": "KEYS_ONLY"}}
    table = _create_table(dynamodb, GlobalSecondaryIndexes=[index])
    reading = {
        "TableName": table,
        "IndexName": "keys",
        "KeyConditionExpression": "bucket_month = :m",
        "ExpressionAttributeValues": {":m": {"S": "m"}},
    }

    refusal = _refuse(dynamodb.query, **reading, Select="ALL_ATTRIBUTES")

    assert refusal[:2] == ("ValidationException", 400)
    assert "ALL_ATTRIBUTES is not supported for global secondary index keys" in refusal[2]
    assert dynamodb.query(**reading)["Count"] == 0
    dynamodb.delete_table(TableName=table)


def test_each_statement_of_a_batch_has_its_own_answer(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    dynamodb.put_item(TableName=table, Item={**_key("one"), "n": {"N": "1"}})
    statements = [
        "SELECT * FROM \"TABLE\" WHERE id='one'",
        "SELECT * FROM \"TABLE\" WHERE id = 'none'",
        "no statement at all",
        "UPDATE \"TABLE\" SET n = 2 WHERE id='one'",
        "SELECT * FROM \"missing\" WHERE id = 'a'",
        "INSERT INTO \"TABLE\" VALUE {'id': 'two'}",
    ]
    batch = [{"Statement": each.replace("TABLE", table)} for each in statements]

    answers = dynamodb.batch_execute_statement(Statements=batch)["Responses"]

    assert answers[0] == {"TableName": table, "Item": {**_key("one"), "n": {"N": "1"}}}
    assert answers[1] == {"TableName": table}
    assert answers[2]["Error"]["Code"] == "ValidationError"
    assert answers[4]["Error"]["Code"] == "ResourceNotFound"
    assert answers[5] == {"TableName": table}
    assert dynamodb.get_item(TableName=table, Key=_key("two"))["Item"] == _key("two")


@pytest.mark.parametrize("statement", ["no statement at all", "SELECT * FROM", "UPDATE t SET n=2 WHERE id='a'"])
def test_a_statement_that_cannot_be_read_is_the_callers_error(dynamodb: Any, statement: str) -> None:  # noqa: ANN401
    one = _refuse(dynamodb.execute_statement, Statement=statement)
    several = _refuse(dynamodb.execute_transaction, TransactStatements=[{"Statement": statement}])

    assert one[:2] == several[:2] == ("ValidationException", 400)


def test_a_table_has_an_id_and_a_class_for_as_long_as_it_lives(dynamodb: Any) -> None:  # noqa: ANN401
    name = f"t-{uuid.uuid4().hex[:12]}"
    keys = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }

    made = dynamodb.create_table(TableName=name, TableClass="STANDARD_INFREQUENT_ACCESS", **keys)["TableDescription"]
    seen = dynamodb.describe_table(TableName=name)["Table"]
    changed = dynamodb.update_table(TableName=name, TableClass="STANDARD")["TableDescription"]
    deleted = dynamodb.delete_table(TableName=name)["TableDescription"]
    again = dynamodb.create_table(TableName=name, **keys)["TableDescription"]
    dynamodb.delete_table(TableName=name)

    assert made["TableId"] == seen["TableId"] == changed["TableId"] == deleted["TableId"] != again["TableId"]
    classes = [each["TableClassSummary"]["TableClass"] for each in (made, seen, changed, again)]
    assert classes == ["STANDARD_INFREQUENT_ACCESS"] * 2 + ["STANDARD"] * 2


def test_capacity_is_told_to_those_who_ask(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    key = {"TableName": table, "Key": _key("one")}
    update = {**key, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
    put = {"Put": {"TableName": table, "Item": _key("two")}}
    writes = {"RequestItems": {table: [{"PutRequest": {"Item": _key("three")}}]}}
    reads = {"RequestItems": {table: {"Keys": [_key("one")]}}}
    calls: list[tuple[Callable[..., dict[str, Any]], dict[str, Any]]] = [
        (dynamodb.put_item, {"TableName": table, "Item": _key("one")}),
        (dynamodb.update_item, update),
        (dynamodb.get_item, key),
        (dynamodb.batch_write_item, writes),
        (dynamodb.batch_get_item, reads),
        (dynamodb.transact_write_items, {"TransactItems": [put]}),
        (dynamodb.scan, {"TableName": table}),
        (dynamodb.delete_item, key),
    ]

    unasked = [call(**arguments) for call, arguments in calls]
    asked = [call(**arguments, ReturnConsumedCapacity="TOTAL") for call, arguments in calls]

    assert not any({"ConsumedCapacity", "ItemCollectionMetrics", "Attributes"} & answer.keys() for answer in unasked)
    assert all("ConsumedCapacity" in answer for answer in asked)


def test_a_scan_that_counts_returns_no_items(dynamodb: Any, table: str) -> None:  # noqa: ANN401
    dynamodb.put_item(TableName=table, Item=_key("one"))

    answer = dynamodb.scan(TableName=table, Select="COUNT")

    assert (answer["Count"], "Items" in answer) == (1, False)
