import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit.bundle import BuiltZip, BundleError, Source, Target, build

HOST: Final = Target.for_host()
FUNCTIONS: Final = ("resize", "serve")


@pytest.fixture
def build_example(example_package: Path, requirements: Path, tmp_path: Path) -> Callable[..., dict[str, BuiltZip]]:
    assert example_package.is_dir()
    source = Source(package="pictureshop", requirements=requirements)

    def run(out: str = "the zips", cache: str = "cache", target: Target = HOST) -> dict[str, BuiltZip]:
        return build(target, tmp_path / out, functions=FUNCTIONS, source=source, cache=tmp_path / cache)

    return run


def _sources(built: BuiltZip) -> set[str]:
    return {name for name in zipfile.ZipFile(built.path).namelist() if "__pycache__" not in name}


def test_a_zip_has_what_the_entry_point_reaches_and_its_dependencies(
    build_example: Callable[..., dict[str, BuiltZip]],
) -> None:
    built = build_example()

    assert _sources(built["resize"]) == {
        "frames-1.0.dist-info/METADATA",
        "frames-1.0.dist-info/licenses/LICENSE",
        "frames/__init__.py",
        "pictureshop/__init__.py",
        "pictureshop/core/__init__.py",
        "pictureshop/core/always.py",
        "pictureshop/core/late.py",
        "pictureshop/core/scale.py",
        "pictureshop/entrypoints/__init__.py",
        "pictureshop/entrypoints/resize.py",
    }
    assert _sources(built["serve"]) == {
        "pictureshop/__init__.py",
        "pictureshop/entrypoints/__init__.py",
        "pictureshop/entrypoints/serve.py",
    }


def test_two_builds_from_two_caches_into_two_folders_have_the_same_bytes(
    build_example: Callable[..., dict[str, BuiltZip]],
) -> None:
    first = build_example("first", "cache of the first")
    second = build_example("second", "cache of the second")

    assert [one.sha256 for one in first.values()] == [one.sha256 for one in second.values()]
    assert first["resize"].path.read_bytes() == second["resize"].path.read_bytes()


@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_a_zip_does_not_depend_on_the_umask(umask: int, build_example: Callable[..., dict[str, BuiltZip]]) -> None:
    """A run's files are only readable by their user, but Lambda reads the zip's contents as another user."""
    usual = build_example("usual", "cache of the usual")
    before = os.umask(umask)
    try:
        private = build_example("private", "cache of the private")
    finally:
        os.umask(before)
    assert {name: built.sha256 for name, built in private.items()} == {
        name: built.sha256 for name, built in usual.items()
    }


def test_entries_have_the_same_timestamp_and_mode_and_unique_names(
    build_example: Callable[..., dict[str, BuiltZip]],
) -> None:
    entries = zipfile.ZipFile(build_example()["resize"].path).infolist()

    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert len({entry.filename for entry in entries}) == len(entries)


def test_the_unpacked_zip_runs_from_its_bytecode(
    build_example: Callable[..., dict[str, BuiltZip]], tmp_path: Path
) -> None:
    built = build_example()["resize"]
    code = tmp_path / "code"
    zipfile.ZipFile(built.path).extractall(code)
    (code / "pictureshop/core/scale.py").write_text("SIZE = 'the source was compiled anew'\n")

    program = "import sys; sys.path.insert(0, sys.argv[1]); from pictureshop.entrypoints.resize import handler as h; "
    command = [sys.executable, "-I", "-B", "-c", program + "print(h({}, None))", str(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert built.has_bytecode
    assert done.stdout.strip() == "smalloak"


def test_a_changed_module_is_in_the_next_build(
    build_example: Callable[..., dict[str, BuiltZip]], example_package: Path
) -> None:
    before = build_example()
    (example_package / "pictureshop/core/late.py").write_text("LATE = 2\n")
    after = build_example()

    assert after["resize"].sha256 != before["resize"].sha256
    assert after["serve"].sha256 == before["serve"].sha256
    assert zipfile.ZipFile(after["resize"].path).read("pictureshop/core/late.py") == b"LATE = 2\n"


def test_a_second_build_needs_no_package_index(
    build_example: Callable[..., dict[str, BuiltZip]], wheels: Path, tmp_path: Path
) -> None:
    build_example("first")
    for wheel in wheels.iterdir():
        wheel.unlink()

    assert build_example("second")["resize"].path == tmp_path / "second" / "resize.zip"


def test_without_a_matching_interpreter_the_zip_contains_only_sources(
    build_example: Callable[..., dict[str, BuiltZip]],
) -> None:
    built = build_example(target=Target(name="future", python="3.99"))["resize"]

    assert not built.has_bytecode
    assert not [name for name in zipfile.ZipFile(built.path).namelist() if name.endswith(".pyc")]


def test_a_missing_entry_point_is_named(example_package: Path, requirements: Path, tmp_path: Path) -> None:
    source = Source(package="pictureshop", requirements=requirements)

    with pytest.raises(BundleError, match=r"pictureshop\.entrypoints\.shrink does not exist"):
        build(HOST, tmp_path / "out", functions=["shrink"], source=source, cache=example_package)


def test_a_syntax_error_names_the_file(
    build_example: Callable[..., dict[str, BuiltZip]], example_package: Path
) -> None:
    (example_package / "pictureshop/core/late.py").write_text("def broken(:\n")

    with pytest.raises(BundleError, match=r"late\.py"):
        build_example()


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no_such_package"):
        build(HOST, tmp_path, source=Source(package="no_such_package"), cache=tmp_path)


def test_a_folder_that_cannot_be_created_is_named(
    build_example: Callable[..., dict[str, BuiltZip]], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BundleError, match=f"Cannot write the zips to .*{os.sep}file"):
        build_example("file/zips")
