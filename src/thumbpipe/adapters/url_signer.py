"""URLs that let a browser into the private bucket for a while."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote

from thumbpipe.core.image import Image

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class UrlSigner(Protocol):
    """What makes the URLs that a page shows pictures from."""

    def inline(self, key: str) -> str:
        """The URL of a file to look at."""

    def attachment(self, key: str, filename: str) -> str:
        """The URL of a file to save under a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresignedPost:
    """Where and with which form fields a browser uploads one file."""

    url: str
    fields: dict[str, str]


class S3UrlSigner:
    """Presigned S3 URLs.

    Args:
        client: An S3 client that signs with SigV4.
        bucket: The bucket's name.
        lifetime_seconds: How long the URLs work, at most as long as the role's credentials.
    """

    def __init__(self, client: "S3Client", bucket: str, *, lifetime_seconds: int) -> None:
        self._client = client
        self._bucket = bucket
        self._lifetime_seconds = lifetime_seconds

    def inline(self, key: str) -> str:
        """The URL of a file to look at."""
        return self._sign({"Bucket": self._bucket, "Key": key})

    def attachment(self, key: str, filename: str) -> str:
        """The URL of a file to save under a name."""
        return self._sign({"Bucket": self._bucket, "Key": key, "ResponseContentDisposition": disposition(filename)})

    def _sign(self, parameters: dict[str, str]) -> str:
        return self._client.generate_presigned_url(
            "get_object", Params=parameters, ExpiresIn=self._lifetime_seconds, HttpMethod="GET"
        )


# What makes "photo\u202egpj.exe" look like "photoexe.jpg": embeddings, overrides and isolates of a direction.
_REORDERING: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "_")


def disposition(filename: str) -> str:
    """Write a Content-Disposition that saves under this name, whatever characters it has (RFC 6266).

    Those that show a name in another order than it has are replaced: its ending decides what opens the file.
    """
    filename = filename.translate(_REORDERING)
    plain = "".join(character if character.isascii() and character.isprintable() else "_" for character in filename)
    for special in '"\\%':
        plain = plain.replace(special, "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


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
