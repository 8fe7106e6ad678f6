import re
from email.message import Message

import pytest

from thumbpipe.adapters.url_signer import disposition


@pytest.mark.parametrize(
    "filename",
    [
        "cat.jpg",
        "Katze am Meer 🐈.jpg",
        'say "meow".jpg',
        "back\\slash;semi=colon,comma'.jpg",
        "100%20.jpg",
        "line\r\nSet-Cookie: x=1.jpg",
        "مرحبا.png",
        "x" * 255,
    ],
)
def test_a_file_is_saved_under_its_name_whatever_characters_it_has(filename: str) -> None:
    header = disposition(filename)
    assert header.isascii()
    assert header.isprintable()
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "attachment"
    encoded = re.sub(r'filename="[^"]*"; ', "", header)
    message.replace_header("Content-Disposition", encoded)
    assert message.get_filename() == filename


def test_an_old_client_gets_a_plain_name() -> None:
    assert disposition('a"b\\c%üd.jpg').startswith('attachment; filename="a_b_c__d.jpg"; ')


@pytest.mark.parametrize("sign", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_name_is_not_saved_in_a_way_that_hides_its_ending(sign: str) -> None:
    assert disposition(f"photo{sign}gpj.exe").endswith("filename*=UTF-8''photo_gpj.exe")
