"""How the API shows an image."""

from thumbpipe.adapters.api import JsonObject
from thumbpipe.adapters.url_signer import UrlSigner
from thumbpipe.core.image import Image, State, StoredRendition, format_time


def image_json(image: Image, signer: UrlSigner) -> JsonObject:
    """Write an image as JSON: every key is there, null where its value is unknown.

    Args:
        image: The image.
        signer: Makes the URLs of its files.
    """
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
        "renditions": [_rendition_json(rendition, signer) for rendition in image.renditions],
        "original_url": (None if image.state is State.PENDING else signer.attachment(image.source_key, image.filename)),
        "error": {"code": image.error.code, "message": image.error.message} if image.error else None,
    }


def _rendition_json(rendition: StoredRendition, signer: UrlSigner) -> JsonObject:
    return {
        "width": rendition.width,
        "height": rendition.height,
        "format": rendition.format,
        "bytes": rendition.bytes,
        "url": signer.inline(rendition.key),
    }
