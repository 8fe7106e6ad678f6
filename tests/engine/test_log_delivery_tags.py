"""Tags of CloudWatch Logs' deliveries by boto3."""

from typing import Any

import pytest

from support.distributions import make_name
from support.plugin_engine import Engine


@pytest.fixture(scope="module")
def logs(engine: Engine) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return engine.client("logs")


def test_what_delivers_a_log_keeps_its_tags(logs: Any) -> None:  # noqa: ANN401
    group = make_name("/aws/vendedlogs/group")
    logs.create_log_group(logGroupName=group)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    source = logs.put_delivery_source(
        name=make_name("source"),
        resourceArn="arn:aws:cloudfront::000000000000:distribution/E1EXAMPLE",
        logType="ACCESS_LOGS",
        tags={"of": "source"},
    )["deliverySource"]
    destination = logs.put_delivery_destination(
        name=make_name("destination"),
        deliveryDestinationConfiguration={"destinationResourceArn": found["arn"]},
    )["deliveryDestination"]
    delivery = logs.create_delivery(
        deliverySourceName=source["name"], deliveryDestinationArn=destination["arn"], tags={"of": "delivery"}
    )["delivery"]

    logs.tag_resource(resourceArn=destination["arn"], tags={"of": "destination"})

    for each, name in ((source, "source"), (destination, "destination"), (delivery, "delivery")):
        assert logs.list_tags_for_resource(resourceArn=each["arn"])["tags"] == {"of": name}
