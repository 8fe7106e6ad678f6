"""The API's responses as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from thumbpipe.cli.errors import ApiError
from thumbpipe.core.imaging.recipe import OutputFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRendition:
    """A thumbnail that can be fetched."""

    width: int
    height: int
    format: str
    bytes: int
    url: str

    def __post_init__(self) -> None:
        """Reject values of a wrong type, which would become part of a path or a table."""
        _expect(width=(self.width, int), height=(self.height, int), bytes=(self.bytes, int), url=(self.url, str))
        OutputFormat(self.format)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteImage:
    """An image as the API shows it.

    Attributes:
        content: The API's whole JSON object.
    """

    id: str
    state: str
    filename: str
    size_bytes: int | None
    created_at: str
    width: int | None
    height: int | None
    original_url: str | None
    error: str | None
    renditions: tuple[RemoteRendition, ...]
    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Reject values of a wrong type, which would become part of a path or a request."""
        _expect(id=(self.id, str), state=(self.state, str), filename=(self.filename, str))
        if self.original_url is not None:
            _expect(original_url=(self.original_url, str))

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        """Parse the API's JSON object.

        Raises:
            ApiError: It is not an image.
        """
        fields = dict(content)
        try:
            failure, renditions = fields.pop("error"), fields.pop("renditions")
            known = {name: fields[name] for name in cls.__slots__ if name in fields}
            return cls(
                **known,
                error=f"{failure['message']} ({failure['code']})" if isinstance(failure, dict) else None,
                renditions=tuple(RemoteRendition(**rendition) for rendition in renditions),
                content=content,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ApiError(f"The API's response is not an image ({error}). Is this a thumbpipe API?") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the list, newest first.

    Attributes:
        next_cursor: Of the next page; None at the end of the list.
    """

    images: tuple[RemoteImage, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedUpload:
    """An upload that the API has reserved: its URL and the form fields to send with the file."""

    id: str
    url: str
    fields: Mapping[str, str]


def _expect(**members: tuple[object, type]) -> None:
    for name, (value, kind) in members.items():
        if not isinstance(value, kind):
            raise TypeError(f"{name} is {value!r}")
