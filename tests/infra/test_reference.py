"""docs/configuration.md is generated from the sources, and lint notices if it is out of date."""

import re
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit.docs import reference
from thumbpipe_devkit.paths import CHECKOUT

_SETTINGS: Final = """
BUCKET = Variable(name="A_BUCKET", meaning="The bucket.", read=_text, right="a name")
LIMIT: Final = Variable(name="A_LIMIT", meaning="The limit.", read=_between(1, 9), right=f"1 to {9}", default="5")

class UploadsSettings:
    @classmethod
    def from_env(cls, env):
        return cls(bucket=BUCKET.value(env), limit=LIMIT.value(env))

class GallerySettings:
    @classmethod
    def from_env(cls, env):
        return cls(bucket=bucket_from_env(env))

def bucket_from_env(env):
    return BUCKET.value(env)
"""


def test_settings_are_listed_with_the_functions_that_read_them() -> None:
    bucket, limit = reference.settings(_SETTINGS)
    assert (bucket.name, bucket.default, bucket.functions) == ("A_BUCKET", None, ("uploads", "gallery"))
    assert (limit.meaning, limit.default, limit.functions) == ("The limit.", "5", ("uploads",))


def test_the_page_lists_every_variable_and_every_setting() -> None:
    page = reference.page(CHECKOUT)
    assert "| `page_origins` | list(string) | `[]` |" in page
    assert "| `functions.thumbnailer.memory_mb` | number | `1769` |" in page
    assert "| `THUMBPIPE_CATALOG_SHARDS` | uploads, gallery, thumbnailer | `catalog_shards` | `1` |" in page


def test_the_page_begins_with_the_ten_that_people_change() -> None:
    first, _, rest = reference.page(CHECKOUT).partition("## Terraform's variables")
    names = re.findall(r"^\| `(\w+)` \|", first, re.MULTILINE)
    assert len(names) == 10
    assert all(f"| `{name}` |" in rest for name in names)


def test_check_fails_if_the_page_is_out_of_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("infra", "src"):
        tmp_path.joinpath(folder).symlink_to(CHECKOUT / folder)
    tmp_path.joinpath("docs").mkdir()
    monkeypatch.setattr(reference, "CHECKOUT", tmp_path)
    assert reference.main(["--check"]) == 1
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    tmp_path.joinpath("docs", "configuration.md").write_text("old")
    assert reference.main(["--check"]) == 1
