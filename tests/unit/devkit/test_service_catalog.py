from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit.engine import service_catalog

NAME: Final = "service-catalog-4_14_0-1_42_34.dill"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    return tmp_path / "environment" / "bin" / "python"


def _built(root: Path, content: bytes) -> None:
    folder = root / "var/lib/localstack/cache"
    folder.mkdir(parents=True)
    folder.joinpath(NAME).write_bytes(content)


def test_what_one_engine_has_built_is_prepared_for_the_next(python: Path, tmp_path: Path) -> None:
    python.parent.mkdir(parents=True)
    _built(tmp_path / "first", b"index")
    service_catalog.keep(python, tmp_path / "first")
    service_catalog.reuse(python, tmp_path / "second")
    assert (tmp_path / "second/usr/lib/localstack" / NAME).read_bytes() == b"index"
    assert [file.name for file in service_catalog.cache_of(python).iterdir()] == [NAME]


def test_the_first_engine_gets_none(python: Path, tmp_path: Path) -> None:
    service_catalog.reuse(python, tmp_path / "root")
    assert not (tmp_path / "root").exists()


def test_an_engine_that_built_none_changes_nothing(python: Path, tmp_path: Path) -> None:
    service_catalog.keep(python, tmp_path / "root")
    assert not service_catalog.cache_of(python).exists()


def test_an_environment_that_cannot_be_written_to_is_no_failure(python: Path, tmp_path: Path) -> None:
    _built(tmp_path / "root", b"index")
    service_catalog.cache_of(python).parent.mkdir(parents=True)
    service_catalog.cache_of(python).write_text("no folder")
    service_catalog.keep(python, tmp_path / "root")


def test_an_engine_that_starts_twice_in_one_folder_is_given_the_index_once(python: Path, tmp_path: Path) -> None:
    python.parent.mkdir(parents=True)
    _built(tmp_path / "first", b"index")
    service_catalog.keep(python, tmp_path / "first")
    for _ in range(2):
        service_catalog.reuse(python, tmp_path / "second")
    assert (tmp_path / "second/usr/lib/localstack" / NAME).read_bytes() == b"index"
