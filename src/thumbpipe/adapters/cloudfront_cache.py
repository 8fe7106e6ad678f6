"""The distribution's cache, from which a deleted image has to go."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from thumbpipe.core.catalog.image import Image
from thumbpipe.core.catalog.object_keys import renditions_prefix

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

# CloudFront works on 15 paths with a wildcard at once, and on 3,000 without.
_BUSY: Final = "TooManyInvalidationsInProgress"


def forget_renditions(client: "CloudFrontClient", distribution_id: str, image: Image) -> None:
    """Remove the renditions of a deleted image from the cache, wherever copies of them are.

    One path with a wildcard reaches those of replaced sources, too, and costs an eighth of eight paths. While
    CloudFront is busy with as many of these as it takes, the renditions are named one by one. The original is never
    cached.

    Raises:
        ClientError: CloudFront refuses.
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
