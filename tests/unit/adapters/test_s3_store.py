from typing import Final

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from fakes.aws import BUCKET, FakeAWS
from thumbpipe.adapters.s3_store import RemovalError, S3ObjectStore
from thumbpipe.core.delivery.object_store import NewObject, ObjectVersion

VERSION: Final = ObjectVersion(key="raw/a", version_id="v1", etag="e")


def test_a_rendition_is_stored_as_immutable(aws: FakeAWS) -> None:
    S3ObjectStore(aws.s3, BUCKET).put([NewObject(key="thumbs/a", data=b"x", content_type="image/webp")])
    stored = aws.s3.head_object(Bucket=BUCKET, Key="thumbs/a")
    assert stored["CacheControl"] == "public, max-age=31536000, immutable"


def test_delete_markers_are_listed_after_versions_and_removed(aws: FakeAWS) -> None:
    store = S3ObjectStore(aws.s3, BUCKET)
    (version,) = store.put([NewObject(key="raw/a", data=b"x", content_type="image/webp")])
    aws.s3.delete_object(Bucket=BUCKET, Key="raw/a")
    first, marker = store.versions("raw/a")
    assert (first, marker.key, marker.etag) == (version, "raw/a", "")
    store.remove([first, marker])
    assert list(store.versions("")) == []


def test_a_removal_that_s3_did_not_do_is_an_error(aws: FakeAWS) -> None:
    answer = {"Errors": [{"Key": "raw/a", "VersionId": "v1", "Code": "AccessDenied", "Message": "Access Denied"}]}
    with Stubber(aws.s3) as stub:
        stub.add_response("delete_objects", answer)
        with pytest.raises(RemovalError, match=r"S3 did not delete 1 of 1 objects.*AccessDenied"):
            S3ObjectStore(aws.s3, BUCKET).remove([VERSION])


def test_a_version_reported_as_missing_counts_as_removed(aws: FakeAWS) -> None:
    answer = {"Errors": [{"Key": "raw/a", "VersionId": "v1", "Code": "NoSuchVersion", "Message": "It is not there."}]}
    with Stubber(aws.s3) as stub:
        stub.add_response("delete_objects", answer)
        S3ObjectStore(aws.s3, BUCKET).remove([VERSION])
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("operation", "method"), [("get_object", "get"), ("head_object", "content_type")])
def test_access_denied_by_s3_is_not_treated_as_a_missing_photo(aws: FakeAWS, operation: str, method: str) -> None:
    with Stubber(aws.s3) as stub:
        stub.add_client_error(operation, "403", http_status_code=403)
        with pytest.raises(ClientError):
            getattr(S3ObjectStore(aws.s3, BUCKET), method)(VERSION)
