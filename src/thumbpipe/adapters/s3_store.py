"""The image bucket in S3."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from thumbpipe.core.delivery.object_store import NewObject, ObjectNotFoundError, ObjectVersion, StoredObject
from thumbpipe.core.errors import ThumbpipeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
"""A rendition's key changes with its content, so it may be cached for as long as caches allow."""

# 405 is the response for a version that is a delete marker.
_MISSING: Final = frozenset({"404", "405", "MethodNotAllowed", "NoSuchKey", "NoSuchVersion"})
_REMOVALS_PER_CALL: Final = 1000
_PUTS_AT_ONCE: Final = 8


class RemovalError(ThumbpipeError):
    """S3 did not delete all objects that it was asked to."""


class S3ObjectStore:
    """A bucket with versioning.

    Args:
        client: An S3 client, which several threads use.
        bucket: The bucket's name.
    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, source: ObjectVersion) -> StoredObject:
        """Fetch a version.

        Raises:
            ObjectNotFoundError: It does not exist.
        """
        try:
            response = self._client.get_object(Bucket=self._bucket, Key=source.key, VersionId=source.version_id)
        except ClientError as error:
            raise _translated(error, source) from error
        return StoredObject(data=response["Body"].read(), content_type=response["ContentType"])

    def content_type(self, source: ObjectVersion) -> str:
        """Return a version's content type, without fetching it.

        Raises:
            ObjectNotFoundError: It does not exist.
        """
        try:
            response = self._client.head_object(Bucket=self._bucket, Key=source.key, VersionId=source.version_id)
        except ClientError as error:
            raise _translated(error, source) from error
        return response["ContentType"]

    def put(self, files: Sequence[NewObject]) -> tuple[ObjectVersion, ...]:
        """Store files in parallel; if one fails, others may have been stored."""
        if not files:
            return ()
        with ThreadPoolExecutor(max_workers=_PUTS_AT_ONCE) as pool:
            return tuple(pool.map(self._put, files))

    def _put(self, file: NewObject) -> ObjectVersion:
        response = self._client.put_object(
            Bucket=self._bucket,
            Key=file.key,
            Body=file.data,
            ContentType=file.content_type,
            CacheControl=CACHE_CONTROL,
        )
        return ObjectVersion(key=file.key, version_id=response["VersionId"], etag=response["ETag"].strip('"'))

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """List all versions and delete markers under a prefix: by key, each key's newest first, markers last."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            found = [
                ObjectVersion(key=version["Key"], version_id=version["VersionId"], etag=version["ETag"].strip('"'))
                for version in page.get("Versions", [])
            ]
            found += [
                ObjectVersion(key=marker["Key"], version_id=marker["VersionId"], etag="")
                for marker in page.get("DeleteMarkers", [])
            ]
            # S3 lists the two separately, each by key and newest first; the sort keeps that order within a key.
            yield from sorted(found, key=lambda version: version.key)

    def remove(self, versions: Iterable[ObjectVersion]) -> None:
        """Remove versions permanently; a missing one is no error.

        Raises:
            RemovalError: S3 did not delete some of them.
        """
        remaining = iter(versions)
        while batch := list(islice(remaining, _REMOVALS_PER_CALL)):
            names: list[ObjectIdentifierTypeDef] = [
                {"Key": version.key, "VersionId": version.version_id} for version in batch
            ]
            response = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": names, "Quiet": True})
            # AWS reports no error for a missing version; other implementations of S3 do.
            errors = [error for error in response.get("Errors", []) if error["Code"] not in _MISSING]
            if errors:
                raise RemovalError(
                    f"S3 did not delete {len(errors)} of {len(batch)} objects, the first because of {errors[0]}."
                )


def _translated(error: ClientError, source: ObjectVersion) -> Exception:
    if error.response["Error"]["Code"] in _MISSING:
        return ObjectNotFoundError(f"{source.key} has no version {source.version_id}.")
    return error
