"""Invalidate deleted images in the distribution's cache."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from thumbpipe.core.catalog.image import Image
from thumbpipe.core.catalog.object_keys import renditions_prefix

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

# CloudFront processes 15 invalidation paths with a wildcard at a time, and 3,000 without.
_BUSY: Final = "TooManyInvalidationsInProgress"


def invalidate_renditions(client: "CloudFrontClient", distribution_id: str, image: Image) -> None:
    """Invalidate the renditions of a deleted image.

    One path with a wildcard covers those of replaced sources, too, and costs an eighth of eight paths. While CloudFront
    is busy with as many of these as it allows, the renditions are listed one by one. Originals are never cached.

    Raises:
        ClientError: CloudFront rejects the invalidation.
    """
    try:
        _invalidate(client, distribution_id, [f"/{renditions_prefix(image.id)}*"])
    except ClientError as error:
        if error.response["Error"]["Code"] != _BUSY or not image.renditions:
            raise
        _invalidate(client, distribution_id, [f"/{rendition.key}" for rendition in image.renditions])


def _invalidate(client: "CloudFrontClient", distribution_id: str, paths: Sequence[str]) -> None:
    client.create_invalidation(
        DistributionId=distribution_id,
        InvalidationBatch={
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
            "CallerReference": uuid4().hex,
        },
    )
