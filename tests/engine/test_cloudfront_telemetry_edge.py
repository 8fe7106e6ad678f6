"""Access logs and metrics of a real distribution."""

import datetime as dt
import gzip
import json
import uuid
from collections.abc import Iterator
from typing import Any, Final

import pytest

from support.cloudfront_edge import Edge, OriginServer, Page, before_origin, running_origin
from support.plugin_engine import Engine
from support.waiting import wait_until

FIELDS: Final = ["sc-status", "cs-method", "cs-uri-stem", "cs-uri-query", "x-edge-result-type", "DistributionId"]


@pytest.fixture(scope="module")
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        server.pages["/a"] = Page(b"page", headers={"Cache-Control": "max-age=600"})
        yield server


@pytest.fixture
def edge(engine: Engine, origin: OriginServer) -> Edge:
    return before_origin(engine, origin)


def name() -> str:
    return f"n-{uuid.uuid4().hex[:16]}"


# Parts of the delivery.
def deliver(engine: Engine, edge: Edge, destination: str, output_format: str, **options: Any) -> None:  # noqa: ANN401
    """Have a distribution's access logs delivered to a log group's or a bucket's ARN."""
    logs = engine.client("logs")
    source = name()
    logs.put_delivery_source(name=source, resourceArn=edge.arn, logType="ACCESS_LOGS")
    made = logs.put_delivery_destination(
        name=name(),
        outputFormat=output_format,
        deliveryDestinationConfiguration={"destinationResourceArn": destination},
    )
    arn = made["deliveryDestination"]["arn"]
    logs.create_delivery(deliverySourceName=source, deliveryDestinationArn=arn, **options)


def make_bucket(engine: Engine) -> str:
    bucket = name()
    engine.client("s3").create_bucket(Bucket=bucket)
    return bucket


def read_objects(engine: Engine, bucket: str) -> dict[str, str]:
    s3 = engine.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).decode() for key in keys}


def test_access_logs_reach_a_log_group(engine: Engine, edge: Edge) -> None:
    logs = engine.client("logs")
    group = name()
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    deliver(engine, edge, arn, "json", recordFields=FIELDS)

    def read() -> list[dict[str, str]]:
        edge.ask("/a?x=1")
        events = logs.filter_log_events(logGroupName=group)["events"]
        return [json.loads(event["message"]) for event in events]

    found = wait_until("a line of the log", read)
    assert list(found[-1]) == FIELDS
    assert found[-1] == {
        "sc-status": "200",
        "cs-method": "GET",
        "cs-uri-stem": "/a",
        "cs-uri-query": "x=1",
        "x-edge-result-type": "Hit",
        "DistributionId": edge.id,
    }
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == [f"CloudFront_{edge.id}"]


def test_access_logs_reach_a_bucket_with_the_format_and_the_path_of_the_delivery(engine: Engine, edge: Edge) -> None:
    bucket = make_bucket(engine)
    path = {"suffixPath": "{DistributionId}/{yyyy}", "enableHiveCompatiblePath": False}
    deliver(
        engine,
        edge,
        f"arn:aws:s3:::{bucket}/logs",
        "w3c",
        recordFields=["sc-status", "cs-uri-stem"],
        s3DeliveryConfiguration=path,
    )

    def read() -> dict[str, str]:
        edge.ask("/missing")
        return read_objects(engine, bucket)

    found = wait_until("a file of the log", read)
    key, text = next(iter(found.items()))
    today = dt.datetime.now(dt.UTC)
    assert key.startswith(f"logs/{edge.id}/{today:%Y}/{edge.id}.{today:%Y-%m-%d}-")
    assert key.endswith(".gz")
    assert text.splitlines()[:3] == ["#Version: 1.0", "#Fields: sc-status cs-uri-stem", "404\t/missing"]


def test_legacy_logs_reach_their_bucket(engine: Engine, origin: OriginServer) -> None:
    bucket = make_bucket(engine)
    settings = {"Enabled": True, "IncludeCookies": False, "Bucket": f"{bucket}.s3.amazonaws.com", "Prefix": "edge/"}
    edge = before_origin(engine, origin, {"Logging": settings})
    edge.ask("/a", Cookie="secret=1", User_Agent="a b")
    found = wait_until("a file of the log", lambda: read_objects(engine, bucket))
    key, text = next(iter(found.items()))
    line = text.splitlines()[2].split("\t")
    assert key.startswith(f"edge/{edge.id}.")
    assert len(line) == 33
    assert "a%20b" in line
    assert "secret" not in text


def test_a_missing_log_bucket_does_not_affect_responses(engine: Engine, origin: OriginServer) -> None:
    settings = {"Enabled": True, "IncludeCookies": False, "Bucket": f"{name()}.s3.amazonaws.com", "Prefix": ""}
    edge = before_origin(engine, origin, {"Logging": settings})

    assert [edge.ask("/a").status for _ in range(3)] == [200] * 3


def sum_of(engine: Engine, edge: Edge, metric: str, statistic: str = "Sum") -> float:
    now = dt.datetime.now(dt.UTC)
    points = engine.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/CloudFront",
        MetricName=metric,
        Dimensions=[{"Name": "DistributionId", "Value": edge.id}, {"Name": "Region", "Value": "Global"}],
        StartTime=now - dt.timedelta(minutes=30),
        EndTime=now + dt.timedelta(minutes=30),
        Period=3600,
        Statistics=[statistic],
    )["Datapoints"]
    return float(points[0][statistic]) if points else 0.0


def test_metrics_reach_cloudwatch(engine: Engine, edge: Edge) -> None:
    for _ in range(6):
        edge.ask("/a")
    for _ in range(2):
        edge.ask("/missing")

    wait_until("eight requests to be counted", lambda: sum_of(engine, edge, "Requests") == 8.0)

    assert sum_of(engine, edge, "4xxErrorRate", "Average") == pytest.approx(25.0)
    assert sum_of(engine, edge, "5xxErrorRate", "Average") == 0.0
    assert sum_of(engine, edge, "TotalErrorRate", "Maximum") == 100.0
    assert sum_of(engine, edge, "BytesDownloaded") > 8 * 4
    assert sum_of(engine, edge, "BytesUploaded") == 0.0
