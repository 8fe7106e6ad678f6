"""The contract that the core relies on, for both the adapter and its fake."""

from collections.abc import Callable
from typing import Final

import pytest

from fakes.aws import BUCKET, FakeAWS
from fakes.object_store import FakeObjectStore
from thumbpipe.adapters.s3_store import S3ObjectStore
from thumbpipe.core.delivery.object_store import (
    NewObject,
    ObjectNotFoundError,
    ObjectStore,
    ObjectVersion,
    StoredObject,
)

ODD_KEYS: Final = [
    "raw/a b.jpg",
    "raw/a+b.jpg",
    "raw/100%.jpg",
    "raw/%2F.jpg",
    "raw/Grüße 🌊.jpg",
    "raw/../up.jpg",
    "raw/sub/folder/x.JPG",
    "raw/no-extension",
    "raw/" + "ü" * 510,
    "raw/line\nbreak.jpg",
    "raw/&<\">'.jpg",
]


@pytest.fixture(params=["fake", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    if request.param == "fake":
        return FakeObjectStore()
    aws: FakeAWS = request.getfixturevalue("aws")
    return S3ObjectStore(aws.s3, BUCKET)


@pytest.fixture
def put(store: ObjectStore) -> Callable[[str, bytes], ObjectVersion]:
    return lambda key, data: store.put([NewObject(key=key, data=data, content_type="image/png")])[0]


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_file_is_returned_as_it_was_stored(store: ObjectStore, key: str) -> None:
    (version,) = store.put([NewObject(key=key, data=b"photo", content_type="image/avif")])
    assert store.get(version) == StoredObject(data=b"photo", content_type="image/avif")
    assert store.content_type(version) == "image/avif"
    assert list(store.versions(key)) == [version]
    store.remove([version])
    assert list(store.versions(key)) == []


def test_different_contents_have_different_etags(put: Callable[[str, bytes], ObjectVersion]) -> None:
    assert put("raw/a", b"one").etag == put("raw/b", b"one").etag
    assert put("raw/a", b"one").etag != put("raw/a", b"two").etag


def test_a_replaced_version_can_still_be_fetched(
    store: ObjectStore, put: Callable[[str, bytes], ObjectVersion]
) -> None:
    old, new = put("raw/a", b"old"), put("raw/a", b"new")
    assert (store.get(old).data, store.get(new).data) == (b"old", b"new")


def test_files_are_stored_in_the_given_order(store: ObjectStore) -> None:
    files = [NewObject(key=f"thumbs/{number}", data=bytes([number]), content_type="x/y") for number in range(20)]
    versions = store.put(files)
    assert [version.key for version in versions] == [file.key for file in files]
    assert store.put([]) == ()


def test_a_removed_version_is_not_found(store: ObjectStore, put: Callable[[str, bytes], ObjectVersion]) -> None:
    old, new = put("raw/a", b"old"), put("raw/a", b"new")
    store.remove([old])
    with pytest.raises(ObjectNotFoundError):
        store.get(old)
    with pytest.raises(ObjectNotFoundError):
        store.content_type(old)
    assert store.get(new).data == b"new"


def test_a_key_that_never_was_is_not_found(store: ObjectStore) -> None:
    missing = ObjectVersion(key="raw/nothing", version_id="11111111-2222-3333-4444-555555555555", etag="0")
    with pytest.raises(ObjectNotFoundError):
        store.get(missing)
    with pytest.raises(ObjectNotFoundError):
        store.content_type(missing)


def test_removing_twice_is_not_an_error(store: ObjectStore, put: Callable[[str, bytes], ObjectVersion]) -> None:
    version = put("raw/a", b"x")
    store.remove([version])
    store.remove([version])
    store.remove([])
    assert list(store.versions("")) == []


def test_versions_are_listed_by_key_and_the_newest_first(
    store: ObjectStore, put: Callable[[str, bytes], ObjectVersion]
) -> None:
    first, second, third = put("raw/a", b"1"), put("raw/a", b"2"), put("raw/a", b"3")
    before, after = put("raw/Z", b"4"), put("raw/a.jpg", b"5")
    put("thumbs/a", b"6")
    assert list(store.versions("raw/")) == [before, third, second, first, after]


def test_more_versions_than_one_answer_holds_are_listed_and_removed(store: ObjectStore) -> None:
    store.put([NewObject(key=f"raw/{number}", data=b"x", content_type="x/y") for number in range(1005)])
    versions = list(store.versions("raw/"))
    assert len(set(versions)) == 1005
    store.remove(versions)
    assert list(store.versions("raw/")) == []
