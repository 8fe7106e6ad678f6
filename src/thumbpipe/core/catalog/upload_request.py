"""Requests for an upload: what a client may ask for, and the pending entry that is reserved for it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from thumbpipe.core.catalog.ids import new_id
from thumbpipe.core.catalog.image import Image, State
from thumbpipe.core.catalog.object_keys import EXTENSIONS, MAX_FILENAME_CHARACTERS, raw_key
from thumbpipe.core.errors import ThumbpipeError

_UNKNOWN_FIELDS_NAMED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one field of a request.

    Attributes:
        message: What is expected.
    """

    field: str
    message: str


class InvalidRequestError(ThumbpipeError):
    """The request is invalid; `errors` says why, field by field."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest:
    """A file that a client wants to upload."""

    filename: str
    content_type: str
    size_bytes: int

    @classmethod
    def parse(cls, body: object, *, max_bytes: int) -> "UploadRequest":
        """Parse and check the JSON value of a request.

        Args:
            body: The parsed body, whatever it is.
            max_bytes: The largest upload that is allowed.

        Raises:
            InvalidRequestError: A field is missing, unknown or has a wrong value.
        """
        if not isinstance(body, Mapping):
            raise InvalidRequestError((FieldError(field="", message="A JSON object is expected."),))
        checks = {
            "filename": _filename_error(body.get("filename")),
            "content_type": _content_type_error(body.get("content_type")),
            "size_bytes": _size_error(body.get("size_bytes"), max_bytes),
        }
        # Only the first ones are named, or a body of short names would get a response of twenty times its length.
        unknown = islice((name for name in body if name not in checks), _UNKNOWN_FIELDS_NAMED)
        problems = {name: f"Unknown field; the fields are {', '.join(checks)}." for name in unknown}
        problems |= {name: problem for name, problem in checks.items() if problem}
        if problems:
            raise InvalidRequestError(tuple(FieldError(field=name, message=text) for name, text in problems.items()))
        return cls(
            filename=body["filename"],
            content_type=body["content_type"].lower(),
            size_bytes=body["size_bytes"],
        )


def pending_image(
    request: UploadRequest,
    *,
    at: datetime,
    entropy: bytes,
    lifetime: timedelta,
    form_lifetime: timedelta | None = None,
) -> Image:
    """Make the entry that reserves an upload.

    Args:
        request: The request.
        at: The time of the request.
        entropy: 10 random bytes for its id.
        lifetime: How long the entry is kept if it is not used.
        form_lifetime: How long its presigned form is valid; None for as long as the entry is kept.
    """
    image_id = new_id(at, entropy)
    return Image(
        id=image_id,
        state=State.PENDING,
        filename=request.filename,
        content_type=request.content_type,
        size_bytes=request.size_bytes,
        created_at=at,
        source_key=raw_key(image_id, request.content_type),
        expires_at=int((at + lifetime).timestamp()),
        upload_expires_at=int((at + (form_lifetime or lifetime)).timestamp()),
    )


def _filename_error(value: object) -> str | None:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_FILENAME_CHARACTERS:
        return f"A text of 1 to {MAX_FILENAME_CHARACTERS} characters is expected."
    # Cc: control characters. Cs: unpaired surrogates, which UTF-8 cannot encode.
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        return "Control characters and unpaired surrogates are not allowed."
    return None


def _content_type_error(value: object) -> str | None:
    if isinstance(value, str) and value.lower() in EXTENSIONS:
        return None
    return f"One of these types is expected, without parameters: {', '.join(EXTENSIONS)}."


def _size_error(value: object, max_bytes: int) -> str | None:
    # A bool is an int to Python, but no size.
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= max_bytes:
        return None
    return f"A whole number from 1 to {max_bytes} is expected."
