"""SVG is named in every form that it comes in, and other text is not taken for it."""

import gzip
from typing import Final

import pytest

from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.open.sniff import sniff

ROOT: Final = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'
XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
DOCTYPE: Final = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
ENTITIES: Final = '<!DOCTYPE svg [ <!ENTITY ns "http://www.w3.org/2000/svg"> <!-- > ]> --> ]>'
FORMS: Final = {
    "root alone": ROOT,
    "declaration": XML + ROOT,
    "blank lines": f"\n\n  {XML}\n\n{ROOT}",
    "comment": f"<!-- made by hand, with <tags> in it -->\n{ROOT}",
    "long comment": f"{XML}<!-- {'x' * 5000} -->{ROOT}",
    "doctype": f"{XML}\n{DOCTYPE}\n{ROOT}",
    "doctype alone": DOCTYPE + ROOT,
    "entities": f"{XML}{ENTITIES}{ROOT}",
    "all": f"{XML}\n<!-- a -->\n{DOCTYPE}\n<!-- b -->\n<?xml-stylesheet href='a.css'?>\n{ROOT}",
    "prefix": '<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>',
    "no attributes": "<svg></svg>",
    "empty": "<svg/>",
    "attributes on lines of their own": "<svg\n  width='9'/>",
}
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", FORMS)
def test_svg_is_named(form: str, encoding: str, packed: bool) -> None:  # noqa: FBT001 - what is expected
    text = FORMS[form].strip() if encoding in {"utf-16-le", "utf-16-be"} else FORMS[form]
    source = text.encode(encoding)
    with pytest.raises(InvalidImageError) as refused:
        sniff(gzip.compress(source) if packed else source)
    assert refused.value.code is ErrorCode.UNSUPPORTED_FORMAT
    assert "SVG" in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><svg></svg></body></html>",
        "<!DOCTYPE html><html><svg/></html>",
        f"{XML}<rss><svg/></rss>",
        "<!-- <svg/> -->",
        "<!-- without end <svg/>",
        "a letter about <svg>",
        "<svgx/>",
        "<",
        "<?xml",
    ],
)
def test_other_text_is_no_image(text: str) -> None:
    for encoding in ENCODINGS:
        with pytest.raises(InvalidImageError) as refused:
            sniff(text.encode(encoding))
        assert refused.value.code is ErrorCode.NOT_AN_IMAGE


def test_another_gzip_archive_is_called_one() -> None:
    for source in (gzip.compress(b"a letter"), b"\x1f\x8b\x08damaged"):
        with pytest.raises(InvalidImageError) as refused:
            sniff(source)
        assert "gzip" in refused.value.message
