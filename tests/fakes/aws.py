"""AWS in this process, by moto: the same names and shapes as Terraform makes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import boto3
import pytest
from moto import mock_aws

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudfront.type_defs import DistributionConfigTypeDef
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

REGION: Final = "us-east-1"
BUCKET: Final = "photos-images"
TABLE: Final = "photos-catalog"
CURSOR_KEY_PARAMETER: Final = "/photos/cursor-key"
SIGNING_KEY_PARAMETER: Final = "/photos/signing-key"
DELIVERY_URL: Final = "https://d111111abcdef8.cloudfront.net"
PAGE_ORIGIN: Final = "https://photos.example.com"

ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "POWERTOOLS_METRICS_NAMESPACE": "photos",
    "POWERTOOLS_SERVICE_NAME": "test",
    "THUMBPIPE_IMAGE_BUCKET": BUCKET,
    "THUMBPIPE_CATALOG_TABLE": TABLE,
    "THUMBPIPE_PAGE_ORIGINS": f"{PAGE_ORIGIN},https://second.example.com",
    "THUMBPIPE_DELIVERY_URL": DELIVERY_URL,
    "THUMBPIPE_DISTRIBUTION_ID": "none yet",
    "THUMBPIPE_CURSOR_KEY_PARAMETER": CURSOR_KEY_PARAMETER,
    "THUMBPIPE_THUMBNAIL_WIDTHS": "16,24",
    "THUMBPIPE_MAX_UPLOAD_BYTES": "100000",
}


@dataclass(frozen=True, kw_only=True)
class FakeAWS:
    """Clients of the services that thumbpipe uses, with an empty bucket, table, a secret and a distribution."""

    cloudfront: "CloudFrontClient"
    s3: "S3Client"
    dynamodb: "DynamoDBClient"
    ssm: "SSMClient"

    def invalidated(self) -> list[list[str]]:
        """The paths that were taken out of the cache, call by call."""
        distribution = os.environ["THUMBPIPE_DISTRIBUTION_ID"]
        listed = self.cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
        details = [self.cloudfront.get_invalidation(DistributionId=distribution, Id=one["Id"]) for one in listed]
        return [sorted(detail["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]) for detail in details]


@cache
def _clients() -> FakeAWS:
    # A client costs more time than most tests, and moto serves old ones as well.
    return FakeAWS(
        cloudfront=boto3.client("cloudfront"),
        s3=boto3.client("s3"),
        dynamodb=boto3.client("dynamodb"),
        ssm=boto3.client("ssm"),
    )


@contextmanager
def fake_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAWS]:
    """Start an empty AWS and makes the stack's bucket, table and parameter in it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        aws = _clients()
        aws.s3.create_bucket(Bucket=BUCKET)
        aws.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        aws.dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("id", "bucket_month", "sort_key")
            ],
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
        )
        aws.ssm.put_parameter(Name=CURSOR_KEY_PARAMETER, Value="secret of the tests", Type="SecureString")
        monkeypatch.setenv("THUMBPIPE_DISTRIBUTION_ID", _distribution(aws))
        yield aws


def _distribution(aws: FakeAWS) -> str:
    config: DistributionConfigTypeDef = {
        "CallerReference": "tests",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [{"Id": "images", "DomainName": f"{BUCKET}.s3.amazonaws.com"}]},
        "DefaultCacheBehavior": {"TargetOriginId": "images", "ViewerProtocolPolicy": "https-only"},
    }
    return aws.cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
