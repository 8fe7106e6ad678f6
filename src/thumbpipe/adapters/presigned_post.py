"""What lets a browser store one photo in the private bucket."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thumbpipe.core.catalog.image import Image

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True, kw_only=True)
class PresignedPost:
    """Where and with which form fields a browser uploads one file."""

    url: str
    fields: dict[str, str]


def presign_upload(
    client: "S3Client", bucket: str, image: Image, *, max_bytes: int, lifetime_seconds: int
) -> PresignedPost:
    """Let a browser store one photo: this key, this content type, at most so many bytes, for a while.

    Args:
        client: An S3 client that signs with SigV4.
        bucket: The bucket's name.
        image: The promised upload.
        max_bytes: The largest file that S3 takes.
        lifetime_seconds: How long the upload may begin.
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
