"""Delete an image, for good, even while events of it are being processed or its upload is under way.

The photo is removed first, so that a run of `process` that starts afterwards does not find it. Only then are the
renditions listed, so that nothing of an earlier run is overlooked. In the end a deletion takes the entry's place,
unless a run has changed the entry meanwhile: then all is repeated. A run that ends afterwards finds the deletion and
takes its own work back.
"""

from thumbpipe.core.catalog.catalog import Catalog
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.catalog.object_keys import renditions_prefix
from thumbpipe.core.delivery.object_store import ObjectStore
from thumbpipe.core.delivery.sweep import versions_of_photo


def delete_image(image_id: str, *, store: ObjectStore, catalog: Catalog) -> Image | None:
    """Remove every version of the photo, then its renditions, then its entry.

    It can be repeated after a failure, and for a photo that was stored again after a deletion. An unknown id is no
    error.

    Returns:
        The image as its entry was; None if there was none.
    """
    found = catalog.find(image_id)
    image = found if isinstance(found, Image) else None
    while found is not None:
        _remove_files(image_id, found.source_key, store)
        if catalog.remove(found):
            break
        found = catalog.find(image_id)
        image = found if isinstance(found, Image) else image
    return image


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
