"""Requests of S3's adapter for which moto is more lenient than S3."""

from collections.abc import Iterable

from botocore.stub import Stubber

from fakes.aws import BUCKET, FakeAWS
from thumbpipe.adapters.s3_store import S3ObjectStore
from thumbpipe.core.delivery.object_store import NewObject, ObjectVersion


def _removal(versions: Iterable[ObjectVersion]) -> dict[str, object]:
    """The request that removes these versions."""
    names = [{"Key": version.key, "VersionId": version.version_id} for version in versions]
    return {"Bucket": BUCKET, "Delete": {"Objects": names, "Quiet": True}}


def test_one_call_removes_a_thousand_versions_at_most(aws: FakeAWS) -> None:
    versions = [ObjectVersion(key=f"raw/{number}", version_id="v", etag="e") for number in range(2001)]
    with Stubber(aws.s3) as stub:
        for few in (versions[:1000], versions[1000:2000], versions[2000:]):
            stub.add_response("delete_objects", {}, _removal(few))
        S3ObjectStore(aws.s3, BUCKET).remove(versions)
        stub.assert_no_pending_responses()


def test_a_keys_delete_marker_is_listed_before_the_next_key(aws: FakeAWS) -> None:
    # S3 lists delete markers separately from versions. Reading one key's versions stops at the first of another key.
    store = S3ObjectStore(aws.s3, BUCKET)
    store.put([NewObject(key=key, data=b"x", content_type="image/png") for key in ("raw/a", "raw/b")])
    aws.s3.delete_object(Bucket=BUCKET, Key="raw/a")

    listed = [(version.key, version.etag == "") for version in store.versions("raw/")]

    assert listed == [("raw/a", False), ("raw/a", True), ("raw/b", False)]
