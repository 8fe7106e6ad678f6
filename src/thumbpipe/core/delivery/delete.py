"""Delete an image permanently, even while its events are being processed or its upload is in progress.

First the deletion is recorded: a run of `process` that ends afterwards finds it and undoes its own work. Then the photo
is removed, so that a run that starts afterwards does not find it. Only then are the renditions listed, so that none of
an earlier run is missed. The entry is removed last; if a run has changed it meanwhile, everything is repeated.
"""

from thumbpipe.core.catalog.catalog import Catalog
from thumbpipe.core.catalog.deletion import Deletion
from thumbpipe.core.catalog.ids import candidate_ids, id_of
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.catalog.object_keys import RAW_PREFIX, renditions_prefix
from thumbpipe.core.delivery.object_store import ObjectStore
from thumbpipe.core.delivery.sweep import versions_of_photo


def delete_image(image_id: str, *, store: ObjectStore, catalog: Catalog) -> Image | None:
    """Remove every version of the photo, then its renditions, then its entry.

    It can be repeated after a failure, and for a photo that was stored again after a deletion. An unknown id is no
    error.

    Returns:
        The image as its entry was; None if there was none.
    """
    found = catalog.find(image_id) or _uncatalogued(image_id, store, catalog)
    if found is None:
        return None
    catalog.remember_deletion(found)
    while True:
        entry = catalog.get(image_id)
        _remove_files(image_id, found.source_key, store)
        if entry is None or catalog.remove(entry):
            return found if isinstance(found, Image) else entry


def _uncatalogued(image_id: str, store: ObjectStore, catalog: Catalog) -> Deletion | None:
    """Find the photo of a reserved upload whose entry has expired before its event was delivered."""
    for key in dict.fromkeys(version.key for version in store.versions(f"{RAW_PREFIX}{image_id}.")):
        found = (catalog.find(candidate) for candidate in candidate_ids(key))
        if id_of(key) == image_id and not any(each is not None and each.source_key == key for each in found):
            return Deletion(image_id=image_id, source_key=key, token="")
    return None


def _remove_files(image_id: str, source_key: str, store: ObjectStore) -> None:
    photos = list(versions_of_photo(store, source_key))
    while True:
        store.remove(photos)
        renditions = list(store.versions(renditions_prefix(image_id)))
        # A photo that arrived meanwhile may have renditions on the list: it is removed as well.
        photos = list(versions_of_photo(store, source_key))
        if not photos:
            break
    store.remove(renditions)
