import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from images import make
from thumbpipe.core.recipe import Limits, OutputFormat, Recipe
from thumbpipe.core.render import render

MODES = {
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "JPEG": ["L", "RGB", "CMYK"],
    "WEBP": ["RGB", "RGBA"],
    "TIFF": ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"],
    "GIF": ["P", "L"],
    "BMP": ["1", "L", "P", "RGB"],
}
KINDS = [(encoding, mode) for encoding, modes in MODES.items() for mode in modes]


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
