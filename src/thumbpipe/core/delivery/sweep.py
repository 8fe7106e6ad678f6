"""Remove the renditions of replaced and deleted photos, never those of a photo that is still to be processed.

A rendition's key names its source's content, so two photos with the same content share a folder. What may be removed
is therefore decided version by version: first the versions are listed, then the photos that are newer. What such a
photo stores later has versions of its own, which are not on the list.
"""

from collections.abc import Iterator
from itertools import takewhile

from thumbpipe.core.catalog.object_keys import renditions_prefix, version_in, version_of
from thumbpipe.core.delivery.object_store import ObjectStore, ObjectVersion


def sweep(store: ObjectStore, image_id: str, source: ObjectVersion, *, keep: str) -> None:
    """Remove an image's renditions of replaced and deleted photos.

    Args:
        store: Where they are.
        image_id: The image's id.
        source: The photo that is being processed; the folders of newer photos are left alone.
        keep: The version folder that the catalog points to; empty if there is none.
    """
    listed = list(store.versions(renditions_prefix(image_id)))
    newer = takewhile(
        lambda version: version.version_id != source.version_id,
        versions_of_photo(store, source.key),
    )
    kept = {version_of(version.etag) for version in newer} | {keep}
    stale = [version for version in listed if version_in(version.key) not in kept]
    store.remove(stale)


def versions_of_photo(store: ObjectStore, key: str) -> Iterator[ObjectVersion]:
    """List the versions of exactly this key, newest first."""
    # The prefix also matches longer keys, but a listing is sorted: the key itself comes first.
    return takewhile(lambda version: version.key == key, store.versions(key))
