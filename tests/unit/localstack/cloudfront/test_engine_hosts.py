"""Which host names are this engine's, in AWS's form and in LocalStack's."""

from typing import Final

import pytest

from thumbpipe_localstack.cloudfront.edge.compile.engine_hosts import EngineHost, Kind, find_engine_host

OWN: Final = "engine.example"


@pytest.mark.parametrize(
    ("domain", "kind", "name", "region"),
    [
        ("photos.s3.amazonaws.com", "bucket", "photos", None),
        ("photos.s3.eu-west-1.amazonaws.com", "bucket", "photos", "eu-west-1"),
        ("photos.s3-eu-west-1.amazonaws.com", "bucket", "photos", "eu-west-1"),
        ("photos.s3.dualstack.eu-west-1.amazonaws.com", "bucket", "photos", "eu-west-1"),
        ("photos.s3-accelerate.amazonaws.com", "bucket", "photos", None),
        ("photos.s3-accelerate.dualstack.amazonaws.com", "bucket", "photos", None),
        ("photos.s3-fips.us-gov-west-1.amazonaws.com", "bucket", "photos", "us-gov-west-1"),
        ("photos.s3.cn-north-1.amazonaws.com.cn", "bucket", "photos", "cn-north-1"),
        ("www.photos.example.s3.amazonaws.com", "bucket", "www.photos.example", None),
        ("photos.s3.localhost.localstack.cloud", "bucket", "photos", None),
        ("photos.s3.us-east-1.localhost.localstack.cloud:4566", "bucket", "photos", "us-east-1"),
        ("photos.s3.engine.example", "bucket", "photos", None),
        ("photos.s3-website-us-east-1.amazonaws.com", "website", "photos", "us-east-1"),
        ("photos.s3-website.eu-central-1.amazonaws.com", "website", "photos", "eu-central-1"),
        ("photos.s3-website.dualstack.eu-central-1.amazonaws.com", "website", "photos", "eu-central-1"),
        ("photos.s3-website.cn-north-1.amazonaws.com.cn", "website", "photos", "cn-north-1"),
        ("www.photos.example.s3-website-eu-west-1.amazonaws.com", "website", "www.photos.example", "eu-west-1"),
        ("photos.s3-website.localhost.localstack.cloud", "website", "photos", None),
        ("photos.s3-website.us-east-1.localhost.localstack.cloud", "website", "photos", "us-east-1"),
        ("photos.s3-website.localhost", "website", "photos", None),
        ("photos.s3-website.engine.example", "website", "photos", None),
        ("abc123.lambda-url.us-east-1.on.aws", "function URL", "abc123", "us-east-1"),
        ("my-url.lambda-url.ap-southeast-2.on.aws", "function URL", "my-url", "ap-southeast-2"),
        ("abc.lambda-url.cn-north-1.on.amazonwebservices.com.cn", "function URL", "abc", "cn-north-1"),
        ("abc.lambda-url.us-east-1.localhost.localstack.cloud", "function URL", "abc", "us-east-1"),
        ("abc.lambda-url.us-east-1.engine.example:4566", "function URL", "abc", "us-east-1"),
        ("abc123.execute-api.us-east-1.amazonaws.com", "api", "abc123", "us-east-1"),
        ("my-api.execute-api.us-east-1.amazonaws.com", "api", "my-api", "us-east-1"),
        ("abc123.execute-api.us-east-1.api.aws", "api", "abc123", "us-east-1"),
        ("abc123.execute-api.localhost.localstack.cloud", "api", "abc123", None),
        ("abc123.execute-api.cn-north-1.amazonaws.com.cn", "api", "abc123", "cn-north-1"),
    ],
)
def test_a_host_name_of_what_is_here_is_this_engines(domain: str, kind: Kind, name: str, region: str | None) -> None:
    assert find_engine_host(domain, OWN) == EngineHost(kind=kind, name=name, region=region)


@pytest.mark.parametrize(
    "domain",
    [
        "amazonaws.com",
        "s3.us-east-1.amazonaws.com",
        "ec2-192-0-2-1.compute-1.amazonaws.com",
        "photos-111122223333.s3-accesspoint.us-east-1.amazonaws.com",
        "my.lb.us-east-1.elb.amazonaws.com",
        "on.aws",
        "something.on.aws",
        "d111111abcdef8.cloudfront.net",
        "vpc.s3-website.amazonaws.com.cn.amazonaws.com",
    ],
)
def test_any_other_host_name_of_awss_is_nowhere(domain: str) -> None:
    assert find_engine_host(domain, OWN) == EngineHost(kind="unknown")


@pytest.mark.parametrize(
    "domain",
    [
        "example.com",
        "localhost",
        "localhost:8080",
        "engine.example",
        "photos.s3.amazonaws.com.example.com",
        "photos.s3-website.example.com",
        "abc.lambda-url.us-east-1.on.aws.example.com",
        "notamazonaws.com",
        "amazonaws.com.example",
        "gon.aws",
    ],
)
def test_other_host_names_are_not(domain: str) -> None:
    assert find_engine_host(domain, OWN) is None
