"""Delete an image, safely even while events of it are being processed.

The photo is removed first: a run of `process` that ends afterwards finds it gone and undoes its own result. Only then
are the renditions listed, so that nothing of an earlier run is overlooked.
"""

from thumbpipe.core.catalog.catalog import Catalog
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.catalog.object_keys import renditions_prefix
from thumbpipe.core.delivery.object_store import ObjectStore
from thumbpipe.core.delivery.sweep import versions_of_photo


def delete_image(image_id: str, *, store: ObjectStore, catalog: Catalog) -> Image | None:
    """Remove every version of the photo, then its renditions, then its entry.

    It can be repeated after a failure. An unknown id is no error.

    Returns:
        The image as its entry was; None if there was none.
    """
    image = catalog.get(image_id)
    if image is None:
        return None
    photos = list(versions_of_photo(store, image.source_key))
    while True:
        store.remove(photos)
        renditions = list(store.versions(renditions_prefix(image_id)))
        # A photo that arrived meanwhile may have renditions on the list: it is removed as well.
        photos = list(versions_of_photo(store, image.source_key))
        if not photos:
            break
    store.remove(renditions)
    entry = catalog.get(image_id)
    if entry is not None and not _has_photo(store, entry):
        catalog.remove(entry)
    return image


def _has_photo(store: ObjectStore, entry: Image) -> bool:
    """Say whether the entry is of a photo that arrived after the deletion."""
    return any(version.version_id == entry.source_version_id for version in versions_of_photo(store, entry.source_key))
