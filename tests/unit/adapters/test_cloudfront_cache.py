from typing import TYPE_CHECKING, cast

import pytest
from botocore.exceptions import ClientError

from fakes.values import failed, ready
from thumbpipe.adapters.cloudfront_cache import invalidate_renditions

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient


class BusyCloudFront:
    """Takes no further path with a wildcard, which moto never does."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def create_invalidation(self, **request: object) -> None:
        batch = cast("dict[str, dict[str, list[str]]]", request["InvalidationBatch"])
        paths = batch["Paths"]["Items"]
        if any(path.endswith("*") for path in paths):
            raise ClientError({"Error": {"Code": "TooManyInvalidationsInProgress"}}, "CreateInvalidation")
        self.paths += paths

    @property
    def client(self) -> "CloudFrontClient":
        return cast("CloudFrontClient", self)


def test_renditions_are_invalidated_one_by_one_while_cloudfront_accepts_no_wildcard() -> None:
    busy = BusyCloudFront()
    invalidate_renditions(busy.client, "E1", ready())
    assert busy.paths == [f"/{rendition.key}" for rendition in ready().renditions]


def test_an_image_without_renditions_has_nothing_to_name() -> None:
    with pytest.raises(ClientError, match="TooManyInvalidationsInProgress"):
        invalidate_renditions(BusyCloudFront().client, "E1", failed())
