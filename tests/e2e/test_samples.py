"""Every sample photo through the whole pipeline: API, presigned POST, S3, queue, Lambda, catalog."""

import io
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pi_heif  # type: ignore[import-untyped]  # it ships no types
import pytest
from PIL import Image as PillowImage
from PIL import ImageChops, ImageOps, ImageStat

from support.pipeline_client import Image, PipelineClient
from support.stack import Stack

PHOTOS: Final = Path(__file__).parents[1] / "images" / "photos"
CONTENT_TYPES: Final = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
    ".heic": "image/heic",
}
SAMPLES: Final = sorted(path for path in PHOTOS.iterdir() if path.suffix in CONTENT_TYPES)
RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# Of 255, the mean over a grey picture of 16 by 16: far above what a lossy format costs, far below another orientation.
LOOKS_ALIKE: Final = 8


@dataclass(frozen=True)
class Processed:
    source: Path
    image: Image
    renditions: Mapping[str, bytes]


@pytest.fixture(scope="module")
def processed(pipeline: PipelineClient) -> Iterator[dict[str, Processed]]:
    def process(path: Path) -> Processed:
        image_id = pipeline.upload(path.name, path.read_bytes(), CONTENT_TYPES[path.suffix])
        image = pipeline.ready(image_id)
        return Processed(path, image, {r["url"]: pipeline.http.get(r["url"]).content for r in image["renditions"]})

    with ThreadPoolExecutor(4) as pool:
        photos = {result.source.name: result for result in pool.map(process, SAMPLES)}
    yield photos
    for photo in photos.values():
        pipeline.delete(photo.image["id"])


@pytest.fixture(params=SAMPLES, ids=lambda path: path.name)
def photo(request: pytest.FixtureRequest, processed: dict[str, Processed]) -> Processed:
    return processed[request.param.name]


def test_samples_are_about_a_dozen_in_several_formats_with_one_of_12_megapixels() -> None:
    pi_heif.register_heif_opener()
    sizes = []
    for path in SAMPLES:
        with PillowImage.open(path) as picture:
            sizes.append(picture.size)
    assert len(SAMPLES) >= 10
    assert len({path.suffix for path in SAMPLES}) >= 5
    assert max(width * height for width, height in sizes) >= 12_000_000


def test_every_rendition_decodes_at_the_stated_size_in_the_stated_format(photo: Processed) -> None:
    assert photo.image["renditions"]
    for stated in photo.image["renditions"]:
        data = photo.renditions[stated["url"]]
        with PillowImage.open(io.BytesIO(data)) as decoded:
            decoded.load()
            assert decoded.size == (stated["width"], stated["height"])
            assert (decoded.format or "").lower() == stated["format"].lower()
        assert len(data) == stated["bytes"]


def test_renditions_are_the_recipes_widths_and_never_enlarged(photo: Processed) -> None:
    source_width = photo.image["width"]
    expected = sorted({min(width, source_width) for width in (160, 320, 640, 1280)})
    for extension in ("webp", "jpeg"):
        widths = [r["width"] for r in photo.image["renditions"] if r["format"].lower() == extension]
        assert sorted(widths) == expected


def test_renditions_show_the_source_upright(photo: Processed) -> None:
    def thumbnail(picture: PillowImage.Image) -> PillowImage.Image:
        flat = PillowImage.new("RGBA", picture.size, "white")
        flat.alpha_composite(picture.convert("RGBA"))
        return flat.convert("L").resize((16, 16), PillowImage.Resampling.BOX)

    pi_heif.register_heif_opener()
    with PillowImage.open(photo.source) as source:
        upright = ImageOps.exif_transpose(source)
        assert upright.size == (photo.image["width"], photo.image["height"])
        expected = thumbnail(upright)
    for data in photo.renditions.values():
        with PillowImage.open(io.BytesIO(data)) as decoded:
            difference = ImageStat.Stat(ImageChops.difference(expected, thumbnail(decoded))).mean[0]
        assert difference < LOOKS_ALIKE


def test_no_metadata_leaves_with_a_rendition(photo: Processed) -> None:
    for data in photo.renditions.values():
        with PillowImage.open(io.BytesIO(data)) as decoded:
            decoded.load()
            assert not decoded.getexif()
            assert not {"exif", "icc_profile", "xmp", "photoshop", "comment"} & decoded.info.keys()


def test_the_catalog_item_is_as_in_the_contract(photo: Processed, stack: Stack) -> None:
    table = stack.client("dynamodb")
    item = table.get_item(TableName=stack.catalog_table, Key={"id": {"S": photo.image["id"]}})["Item"]

    def string(name: str) -> str:
        value: str = item[name]["S"]
        return value

    def number(name: str) -> int:
        return int(item[name]["N"])

    assert string("state") == "ready"
    assert string("filename") == photo.source.name
    assert string("content_type") == CONTENT_TYPES[photo.source.suffix]
    assert number("size_bytes") == photo.source.stat().st_size
    assert RFC_3339.fullmatch(string("created_at"))
    assert RFC_3339.fullmatch(string("processed_at"))
    assert string("bucket_month") == string("created_at")[:7] + "#0"
    assert string("sort_key") == f"{string('created_at')}#{photo.image['id']}"
    assert (number("width"), number("height")) == (photo.image["width"], photo.image["height"])
    assert number("frames") >= 1
    assert string("source_etag")
    assert string("sequencer")
    assert "expires_at" not in item
    stored: list[Any] = item["renditions"]["L"]
    version = string("source_etag")[:8]
    for rendition in stored:
        key = rendition["M"]["key"]["S"]
        assert re.fullmatch(rf"thumbs/{photo.image['id']}/{version}/\d+\.(webp|jpg)", key)


def test_renditions_are_cached_for_a_year(photo: Processed, pipeline: PipelineClient) -> None:
    response = pipeline.http.get(photo.image["renditions"][0]["url"])
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith("image/")


def test_the_original_is_downloaded_and_never_displayed_or_cached(photo: Processed, pipeline: PipelineClient) -> None:
    for _ in range(2):
        response = pipeline.http.get(photo.image["original_url"])
        assert response.content == photo.source.read_bytes()
        # The page's link has the name.
        assert response.headers["content-disposition"] == "attachment"
        assert response.headers["x-cache"] == "Miss from cloudfront"
