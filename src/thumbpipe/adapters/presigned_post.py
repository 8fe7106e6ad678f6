"""Presigned POSTs, with which a browser uploads one photo to the private bucket."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thumbpipe.core.catalog.image import Image

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True, kw_only=True)
class PresignedPost:
    """The URL and the form fields with which a browser uploads one file."""

    url: str
    fields: dict[str, str]


def presign_upload(
    client: "S3Client", bucket: str, image: Image, *, max_bytes: int, lifetime_seconds: int
) -> PresignedPost:
    """Presign the upload of one photo: an exact key and content type, a maximum size, a short lifetime.

    Args:
        client: An S3 client that signs with SigV4.
        bucket: The bucket's name.
        image: The pending entry of the upload.
        max_bytes: The largest file that S3 accepts.
        lifetime_seconds: How long the upload may be started.
    """
    fields = {"Content-Type": image.content_type, "success_action_status": "204"}
    post = client.generate_presigned_post(
        Bucket=bucket,
        Key=image.source_key,
        Fields=dict(fields),
        Conditions=[*({name: value} for name, value in fields.items()), ["content-length-range", 1, max_bytes]],
        ExpiresIn=lifetime_seconds,
    )
    return PresignedPost(url=post["url"], fields=post["fields"])
