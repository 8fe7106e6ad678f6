import json
import time
import urllib.request
import uuid
from collections.abc import Iterator
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
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in attributes.items()],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_month",
                "KeySchema": [
                    {"AttributeName": "bucket_month", "KeyType": "HASH"},
                    {"AttributeName": "sort_key", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        **options,
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
