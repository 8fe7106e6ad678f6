"""Settings of the functions, read once from environment variables."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from thumbpipe.core.errors import ThumbpipeError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe

T = TypeVar("T")


class DeliveryMode(StrEnum):
    """Who may read renditions and photos."""

    PUBLIC = "public"
    SIGNED = "signed"


_ORIGIN: Final = re.compile(r"https?://[^/\s,*]+")


class SettingsError(ThumbpipeError):
    """A variable is missing or malformed; the message says what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Generic[T]):
    """One environment variable.

    Attributes:
        name: Its name.
        meaning: What it sets, for the reference.
        read: Parses its text; raises ValueError if it is invalid.
        right: What a valid value is, to complete "... must be"; by default the text of `read`.
        default: The text that is used if it is not set; None if it is required.
    """

    name: str
    meaning: str
    read: Callable[[str], T]
    right: str = ""
    default: str | None = None

    def value(self, env: Mapping[str, str]) -> T:
        """Read and parse the variable.

        Raises:
            SettingsError: It is missing or malformed.
        """
        text = env.get(self.name, self.default)
        right = self.right or str(self.read)
        if text is None:
            raise SettingsError(f"{self.name} is not set; it must be {right}.")
        try:
            return self.read(text)
        except ValueError as error:
            raise SettingsError(f"{self.name} is {text!r}; it must be {right}.") from error


def _text(text: str) -> str:
    if not text or text != text.strip():
        raise ValueError(text)
    return text


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """Parses a whole number within a range, the same as Terraform's variable allows.

    Attributes:
        low: The smallest number.
        high: The largest.
    """

    low: int
    high: int

    def __call__(self, text: str) -> int:
        """Parse a number; raises ValueError if it is out of range."""
        number = int(text)
        if not self.low <= number <= self.high:
            raise ValueError(text)
        return number

    def __str__(self) -> str:
        """Say what a valid number is."""
        return f"a whole number from {self.low} to {self.high}"


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text] if text in {"true", "false"} else _refuse(text)


def _refuse(text: str) -> bool:
    raise ValueError(text)


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in text.split(",")) if text else ()
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError(text)
    return origins


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError(text)
    return text


WIDTH: Final = WholeNumber(16, 8192)
MAX_WIDTHS: Final = 10


def _widths(text: str) -> tuple[int, ...]:
    widths = Recipe(widths=tuple(map(WIDTH, text.split(",")))).widths
    if len(widths) > MAX_WIDTHS:
        raise ValueError(text)
    return widths


def _formats(text: str) -> tuple[OutputFormat, ...]:
    return Recipe(formats=tuple(OutputFormat(part.strip()) for part in text.split(","))).formats


IMAGE_BUCKET: Final = Variable(
    name="THUMBPIPE_IMAGE_BUCKET",
    meaning="The bucket that holds photos and renditions.",
    read=_text,
    right="the name of a bucket",
)
CATALOG_TABLE: Final = Variable(
    name="THUMBPIPE_CATALOG_TABLE",
    meaning="The table that holds the entries.",
    read=_text,
    right="the name of a table",
)
CATALOG_SHARDS: Final = Variable(
    name="THUMBPIPE_CATALOG_SHARDS",
    meaning="The number of the index's partitions that a month's images are spread over; it may grow, never shrink.",
    read=WholeNumber(1, 64),
    default="1",
)
MAX_UPLOAD_BYTES: Final = Variable(
    name="THUMBPIPE_MAX_UPLOAD_BYTES",
    meaning="The largest upload that is allowed, in bytes.",
    read=WholeNumber(1024, 100 * 1024**2),
    default="26214400",
)
UPLOAD_EXPIRES_SECONDS: Final = Variable(
    name="THUMBPIPE_UPLOAD_EXPIRES_SECONDS",
    meaning="How long a presigned upload is valid.",
    read=WholeNumber(1, 3600),
    default="300",
)
PENDING_TTL_SECONDS: Final = Variable(
    name="THUMBPIPE_PENDING_TTL_SECONDS",
    meaning="How long an unused upload reservation is kept.",
    read=WholeNumber(60, 28 * 24 * 3600),
    default="86400",
)
TRANSFER_ACCELERATION: Final = Variable(
    name="THUMBPIPE_TRANSFER_ACCELERATION",
    meaning="Whether uploads use the bucket's accelerated endpoint.",
    read=_flag,
    right="true or false",
    default="false",
)
PAGE_ORIGINS: Final = Variable(
    name="THUMBPIPE_PAGE_ORIGINS",
    meaning="Further origins whose pages may call the API from a browser; the stack's own page needs no permission.",
    read=_origins,
    right="origins with commas between them, such as https://photos.example.com",
    default="",
)
DELIVERY: Final = Variable(
    name="THUMBPIPE_DELIVERY",
    meaning="Whether anyone who knows the URL of a rendition or photo may read it (public), or URLs must be signed.",
    read=DeliveryMode,
    right=" or ".join(DeliveryMode),
    default="public",
)
DELIVERY_URL: Final = Variable(
    name="THUMBPIPE_DELIVERY_URL",
    meaning="The distribution's URL, at which renditions and photos are served.",
    read=_origin,
    right="a URL without a path, such as https://d111111abcdef8.cloudfront.net",
)
DISTRIBUTION_ID: Final = Variable(
    name="THUMBPIPE_DISTRIBUTION_ID",
    meaning="The distribution in whose cache deleted images are invalidated.",
    read=_text,
    right="the id of a CloudFront distribution",
)
SIGNING_KEY_PARAMETER: Final = Variable(
    name="THUMBPIPE_SIGNING_KEY_PARAMETER",
    meaning="The SSM parameter that holds the private key for signed URLs, and its id.",
    read=_text,
    right="the name of a SecureString parameter",
)
ORIGINAL_DOWNLOADS: Final = Variable(
    name="THUMBPIPE_ORIGINAL_DOWNLOADS",
    meaning="Whether photos can be downloaded as they were uploaded.",
    read=_flag,
    right="true or false",
    default="true",
)
URL_EXPIRES_SECONDS: Final = Variable(
    name="THUMBPIPE_URL_EXPIRES_SECONDS",
    meaning="How long signed URLs of renditions and photos are valid.",
    read=WholeNumber(60, 12 * 3600),
    default="3600",
)
CURSOR_KEY_PARAMETER: Final = Variable(
    name="THUMBPIPE_CURSOR_KEY_PARAMETER",
    meaning="The SSM parameter that holds the secret for signing cursors.",
    read=_text,
    right="the name of a SecureString parameter",
)
THUMBNAIL_WIDTHS: Final = Variable(
    name="THUMBPIPE_THUMBNAIL_WIDTHS",
    meaning="The renditions' widths in pixels.",
    read=_widths,
    right=f"1 to {MAX_WIDTHS} different whole numbers from {WIDTH.low} to {WIDTH.high} with commas between them",
    default="160,320,640,1280",
)
THUMBNAIL_FORMATS: Final = Variable(
    name="THUMBPIPE_THUMBNAIL_FORMATS",
    meaning="The formats that each width is made in.",
    read=_formats,
    right=f"different ones of {', '.join(OutputFormat)} with commas between them",
    default="webp,jpeg",
)
MAX_MEGAPIXELS: Final = Variable(
    name="THUMBPIPE_MAX_MEGAPIXELS",
    meaning="The largest picture that is decoded, in megapixels.",
    read=WholeNumber(1, 1000),
    default="100",
)
MAX_EDGE_PIXELS: Final = Variable(
    name="THUMBPIPE_MAX_EDGE_PIXELS",
    meaning="The longest edge that is decoded, in pixels.",
    read=WholeNumber(256, 65_535),
    default="30000",
)
MAX_FRAMES: Final = Variable(
    name="THUMBPIPE_MAX_FRAMES",
    meaning="The longest animation that is decoded, in frames.",
    read=WholeNumber(1, 10_000),
    default="500",
)

MAX_RECEIVE_COUNT: Final = Variable(
    name="THUMBPIPE_MAX_RECEIVE_COUNT",
    meaning="How often the queue delivers a message before it moves it to the dead-letter queue.",
    read=_count,
    right="a whole number from 1",
    default="5",
)


def recipe_from_env(env: Mapping[str, str]) -> Recipe:
    """Read which renditions are made; raises SettingsError for the first malformed setting."""
    return Recipe(widths=THUMBNAIL_WIDTHS.value(env), formats=THUMBNAIL_FORMATS.value(env))


def limits_from_env(env: Mapping[str, str]) -> Limits:
    """Read the limits of a photo; raises SettingsError for the first malformed setting."""
    return Limits(
        max_bytes=MAX_UPLOAD_BYTES.value(env),
        max_pixels=MAX_MEGAPIXELS.value(env) * 1_000_000,
        max_edge_px=MAX_EDGE_PIXELS.value(env),
        max_frames=MAX_FRAMES.value(env),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsSettings:
    """Settings of the function that reserves uploads."""

    image_bucket: str
    catalog_table: str
    catalog_shards: int
    max_upload_bytes: int
    upload_expires_seconds: int
    pending_ttl_seconds: int
    transfer_acceleration: bool
    page_origins: tuple[str, ...]

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "UploadsSettings":
        """Read the settings; raises SettingsError for the first malformed one."""
        return cls(
            image_bucket=IMAGE_BUCKET.value(env),
            catalog_table=CATALOG_TABLE.value(env),
            catalog_shards=CATALOG_SHARDS.value(env),
            max_upload_bytes=MAX_UPLOAD_BYTES.value(env),
            upload_expires_seconds=UPLOAD_EXPIRES_SECONDS.value(env),
            pending_ttl_seconds=PENDING_TTL_SECONDS.value(env),
            transfer_acceleration=TRANSFER_ACCELERATION.value(env),
            page_origins=PAGE_ORIGINS.value(env),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GallerySettings:
    """Settings of the function that lists and deletes images; a signing key's parameter if URLs are signed."""

    image_bucket: str
    catalog_table: str
    catalog_shards: int
    page_origins: tuple[str, ...]
    delivery_url: str
    distribution_id: str
    original_downloads: bool
    url_expires_seconds: int
    signing_key_parameter: str | None
    cursor_key_parameter: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "GallerySettings":
        """Read the settings; raises SettingsError for the first malformed one."""
        signed = DELIVERY.value(env) is DeliveryMode.SIGNED
        return cls(
            image_bucket=IMAGE_BUCKET.value(env),
            catalog_table=CATALOG_TABLE.value(env),
            catalog_shards=CATALOG_SHARDS.value(env),
            page_origins=PAGE_ORIGINS.value(env),
            delivery_url=DELIVERY_URL.value(env),
            distribution_id=DISTRIBUTION_ID.value(env),
            original_downloads=ORIGINAL_DOWNLOADS.value(env),
            url_expires_seconds=URL_EXPIRES_SECONDS.value(env),
            signing_key_parameter=SIGNING_KEY_PARAMETER.value(env) if signed else None,
            cursor_key_parameter=CURSOR_KEY_PARAMETER.value(env),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumbnailerSettings:
    """Settings of the function that makes renditions."""

    image_bucket: str
    catalog_table: str
    catalog_shards: int
    recipe: Recipe
    limits: Limits
    max_receive_count: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "ThumbnailerSettings":
        """Read the settings; raises SettingsError for the first malformed one."""
        return cls(
            image_bucket=IMAGE_BUCKET.value(env),
            catalog_table=CATALOG_TABLE.value(env),
            catalog_shards=CATALOG_SHARDS.value(env),
            recipe=recipe_from_env(env),
            limits=limits_from_env(env),
            max_receive_count=MAX_RECEIVE_COUNT.value(env),
        )
