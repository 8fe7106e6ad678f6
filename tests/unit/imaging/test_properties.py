import io
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from images import make
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Fit, Gravity, OnTruncated, OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

MODES: Final = {
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "JPEG": ["L", "RGB", "CMYK"],
    "WEBP": ["RGB", "RGBA"],
    "TIFF": ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"],
    "GIF": ["P", "L"],
    "BMP": ["1", "L", "P", "RGB"],
}
KINDS: Final = [(encoding, mode) for encoding, modes in MODES.items() for mode in modes]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(KINDS),
    size=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    orientation=st.integers(1, 8),
    widths=st.lists(st.integers(1, 500), min_size=1, max_size=3, unique=True),
    output=st.sampled_from([OutputFormat.WEBP, OutputFormat.JPEG, OutputFormat.PNG]),
)
def test_every_size_mode_and_orientation_keeps_the_promises(
    kind: tuple[str, str], size: tuple[int, int], orientation: int, widths: list[int], output: OutputFormat
) -> None:
    encoding, mode = kind
    exif = {} if encoding in {"GIF", "BMP"} else {"exif": make.exif_block(orientation)}
    sideways = bool(exif) and orientation >= 5
    rendered = render(
        make.saved(Image.new(mode, size), encoding, **exif),
        Recipe(widths=tuple(widths), formats=(output,)),
        Limits(),
    )

    width, height = size[::-1] if sideways else size
    assert (rendered.facts.width, rendered.facts.height) == (width, height)
    made = [each.width for each in rendered.renditions]
    assert made == sorted({min(each, width) for each in widths}), "never enlarged, none twice, smallest first"
    for rendition in rendered.renditions:
        exact = rendition.width * height / width
        assert rendition.height == max(1, int(exact + 0.5)), "as the aspect demands"
        with Image.open(io.BytesIO(rendition.data)) as image:
            image.load()
            assert image.size == (rendition.width, rendition.height)
            assert not image.getexif()
            assert "icc_profile" not in image.info


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(KINDS),
    source=st.tuples(st.integers(1, 700), st.integers(1, 700)),
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    gravity=st.sampled_from(Gravity),
    orientation=st.integers(1, 8),
)
def test_cover_is_exact_for_every_size_mode_and_orientation(
    kind: tuple[str, str], source: tuple[int, int], size: tuple[int, int], gravity: Gravity, orientation: int
) -> None:
    encoding, mode = kind
    exif = {} if encoding in {"GIF", "BMP"} else {"exif": make.exif_block(orientation)}
    recipe = Recipe(fit=Fit.COVER, size=size, gravity=gravity, formats=(OutputFormat.JPEG,))
    (rendition,) = render(make.saved(Image.new(mode, source), encoding, **exif), recipe, Limits()).renditions
    with Image.open(io.BytesIO(rendition.data)) as image:
        image.load()
        assert image.size == (rendition.width, rendition.height) == size


FILES: Final = {
    **{
        encoding: make.saved(make.quadrants(48, 36), encoding)
        for encoding in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
    },
    "deep PNG": make.deep_ramp(),
    "APNG": make.animated("PNG"),
    "GIF animation": make.animated("GIF"),
    "WebP animation": make.animated("WEBP"),
    "float TIFF": (make.MADE.parent / "zoo" / "gf32.tif").read_bytes(),
    "BigTIFF": (make.MADE.parent / "zoo" / "big-be.tif").read_bytes(),
    "HEIC": (make.MADE / "orientation-6.heic").read_bytes(),
}
RECIPES: Final = [
    Recipe(widths=(16,), on_truncated=OnTruncated.RENDER),
    Recipe(widths=(16, 40), formats=(OutputFormat.WEBP,)),
    Recipe(fit=Fit.COVER, size=(20, 30), gravity=Gravity.ATTENTION, on_truncated=OnTruncated.RENDER),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(FILES)),
    recipe=st.sampled_from(RECIPES),
    cut=st.floats(0, 1.2),
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=4),
    in_head=st.booleans(),
)
def test_no_cut_and_no_flipped_byte_raises_anything_but_the_refusal(
    *, name: str, recipe: Recipe, cut: float, flips: list[tuple[float, int]], in_head: bool
) -> None:
    source = bytearray(FILES[name])
    for place, value in flips:
        source[int(place * (min(len(source), 200) if in_head else len(source)))] = value
    damaged = bytes(source[: int(cut * len(source))])
    try:
        rendered = render(damaged, recipe, Limits(max_pixels=1_000_000))
    except InvalidImageError as error:
        assert str(error).endswith(".")  # noqa: PT017 - most flips are no error at all
    else:
        assert rendered.renditions
