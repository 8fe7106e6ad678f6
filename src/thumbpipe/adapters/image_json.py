"""Images as the API represents them."""

from thumbpipe.adapters.api import JsonObject
from thumbpipe.adapters.cloudfront_urls import Distribution
from thumbpipe.core.catalog.image import Image, StoredRendition, format_time


def image_json(image: Image, distribution: Distribution) -> JsonObject:
    """Make an image's JSON: every key is present, null if its value is unknown.

    Args:
        image: The image.
        distribution: Makes the URLs of its files.
    """
    urls = distribution.urls(image)
    renditions = zip(image.renditions, urls.renditions, strict=True)
    return {
        "id": image.id,
        "state": image.state,
        "filename": image.filename,
        "content_type": image.content_type,
        "size_bytes": image.size_bytes,
        "created_at": format_time(image.created_at),
        "processed_at": format_time(image.processed_at) if image.processed_at else None,
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "frames": image.frames,
        "placeholder": image.placeholder,
        "renditions": [_rendition_json(rendition, url) for rendition, url in renditions],
        "original_url": urls.original,
        "error": {"code": image.error.code, "message": image.error.message} if image.error else None,
    }


def _rendition_json(rendition: StoredRendition, url: str) -> JsonObject:
    return {
        "width": rendition.width,
        "height": rendition.height,
        "format": rendition.format,
        "bytes": rendition.bytes,
        "url": url,
    }
