"""Configurations of distributions, and the errors of CloudFront's API."""

import uuid
from collections.abc import Callable
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from support.waiting import wait_until

CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"

Config = dict[str, Any]


def some(*items: Any) -> Config:  # noqa: ANN401 - items of any kind
    """Return items as CloudFront's model has a quantity of them."""
    return {"Quantity": len(items), "Items": list(items)}


def make_origin(**changes: Any) -> Config:  # noqa: ANN401 - parts of a configuration
    s3 = {
        "Id": "main",
        "DomainName": "photos.s3.us-east-1.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    return s3 | changes


def make_custom(**changes: Any) -> Config:  # noqa: ANN401
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    return {"Id": "main", "DomainName": "example.com", "CustomOriginConfig": custom} | changes


def make_behavior(**changes: Any) -> Config:  # noqa: ANN401
    behavior = {
        "TargetOriginId": "main",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": CACHING_OPTIMIZED,
    }
    return behavior | changes


def make_config(**changes: Any) -> Config:  # noqa: ANN401
    """Return a configuration that CloudFront takes, with nothing in it that it would fill in itself."""
    config = {
        "CallerReference": uuid.uuid4().hex,
        "Comment": "",
        "Enabled": True,
        "Origins": some(make_origin()),
        "DefaultCacheBehavior": make_behavior(),
    }
    return config | changes


def refused(call: Callable[..., object], **arguments: Any) -> tuple[str, int]:  # noqa: ANN401
    """Return the code and the status of the error that a call must end with."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response: Any = raised.value.response
    assert response["Error"]["Message"], "an error says what is wrong"
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def make_name(prefix: str = "n") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def remove_distribution(cloudfront: Any, distribution_id: str) -> None:  # noqa: ANN401
    """Disable and delete a distribution, if it is still there."""
    if distribution_id not in list_distributions(cloudfront):
        return
    current = cloudfront.get_distribution_config(Id=distribution_id)
    config = current["DistributionConfig"] | {"Enabled": False}
    updated = cloudfront.update_distribution(Id=distribution_id, IfMatch=current["ETag"], DistributionConfig=config)
    wait_until_deployed(cloudfront, distribution_id)
    cloudfront.delete_distribution(Id=distribution_id, IfMatch=updated["ETag"])


def wait_until_deployed(cloudfront: Any, distribution_id: str) -> None:  # noqa: ANN401
    """Wait until a distribution's last change is in force."""

    def is_deployed() -> bool:
        return bool(cloudfront.get_distribution(Id=distribution_id)["Distribution"]["Status"] == "Deployed")

    wait_until("the deployment", is_deployed)


def list_distributions(cloudfront: Any) -> list[str]:  # noqa: ANN401
    pages = cloudfront.get_paginator("list_distributions").paginate()
    return [item["Id"] for page in pages for item in page["DistributionList"].get("Items", [])]
