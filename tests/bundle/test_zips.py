import re
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import grimp
import pytest

from thumbpipe_devkit.bundle import FUNCTIONS, BuiltZip, Target, build
from thumbpipe_devkit.bundle.builder import REQUIREMENTS

LIMITS: Final = {"uploads": 8_000_000, "gallery": 9_000_000, "thumbnailer": 25_000_000}
LAMBDA: Final = ("arm64", "x86_64")

# The processor in an ELF file's header.
ELF_MACHINES: Final = {"arm64": 0xB7, "x86_64": 0x3E}

# What a function imports → the distribution that brings it. boto3 and botocore are the runtime's.
DISTRIBUTIONS: Final = {
    "PIL": "pillow",
    "aws_lambda_powertools": "aws-lambda-powertools[tracer]",
    "cryptography": "cryptography cffi",
    "pi_heif": "pi-heif",
    "pyvips": "pyvips[binary]",
}
RUNTIME: Final = {"boto3", "botocore"}

BuildFor = Callable[[str], dict[str, BuiltZip]]


@pytest.mark.parametrize("architecture", LAMBDA)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_zips_keep_to_their_size(build_for: BuildFor, architecture: str, function: str) -> None:
    assert build_for(architecture)[function].size <= LIMITS[function]


@pytest.mark.parametrize("architecture", LAMBDA)
def test_shared_objects_are_for_lambdas_processor_and_python(build_for: BuildFor, architecture: str) -> None:
    with ZipFile(build_for(architecture)["thumbnailer"].path) as archive:
        objects = {name: archive.read(name) for name in archive.namelist() if re.search(r"\.so(\.[0-9.]+)?$", name)}

    assert len(objects) > 10
    for name, content in objects.items():
        assert content[:4] == b"\x7fELF", name
        assert struct.unpack_from("<H", content, 18)[0] == ELF_MACHINES[architecture], name
    assert {name.split(".")[1] for name in objects if "cpython" in name} == {
        f"cpython-313-{'aarch64' if architecture == 'arm64' else 'x86_64'}-linux-gnu"
    }


@pytest.mark.parametrize("architecture", LAMBDA)
@pytest.mark.parametrize("function", ["gallery", "thumbnailer"])
def test_no_shared_object_needs_a_newer_glibc_than_the_runtimes(
    build_for: BuildFor, architecture: str, function: str
) -> None:
    with ZipFile(build_for(architecture)[function].path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist() if ".so" in name)

    needed = {int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", content)}
    assert needed
    assert max(needed) <= 34


@pytest.mark.parametrize("target", [*LAMBDA, "host"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_zips_have_nothing_that_does_not_run(build_for: BuildFor, target: str, function: str) -> None:
    with ZipFile(build_for(target)[function].path) as archive:
        names = archive.namelist()

    tops = {name.split("/")[0] for name in names}
    assert not tops & {"bin", "boto3", "botocore", "pip", "tests", "urllib3"}
    assert not [
        name for name in names if re.search(r"(^|/)(tests?|RECORD|INSTALLER|REQUESTED|direct_url\.json)(/|$)", name)
    ]
    assert not [
        name
        for name in names
        if re.search(r"thumbpipe/(cli|entrypoints/(?!__|_wiring))", name.replace(f"entrypoints/{function}.", ""))
    ]


@pytest.mark.parametrize("function", ["uploads", "gallery"])
def test_only_the_thumbnailer_carries_the_image_libraries(build_for: BuildFor, function: str) -> None:
    with ZipFile(build_for("arm64")[function].path) as archive:
        names = archive.namelist()

    assert not [
        name
        for name in names
        if name.startswith(("PIL", "pi_heif", "pillow", "pyvips", "thumbpipe/core/imaging/render"))
    ]


def test_the_thumbnailer_carries_the_image_engine(build_for: BuildFor) -> None:
    with ZipFile(build_for("arm64")["thumbnailer"].path) as archive:
        names = archive.namelist()

    assert {"PIL/Image.py", "pi_heif/__init__.py", "pyvips/__init__.py", "thumbpipe/core/imaging/render.py"} <= set(
        names
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_lock_has_exactly_what_the_function_imports(build_for: BuildFor, function: str) -> None:
    graph = grimp.build_graph(
        "thumbpipe", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )
    reached = build_for("arm64")[function].modules
    imported = {name for module in reached for name in graph.find_modules_directly_imported_by(module)}
    foreign = {name.split(".")[0] for name in imported if graph.is_module_squashed(name)}
    wanted = {one for name in foreign - RUNTIME for one in DISTRIBUTIONS.get(name, "").split()}
    named = {line.partition("#")[0].strip() for line in (REQUIREMENTS / f"{function}.in").read_text().splitlines()}

    assert foreign - RUNTIME - set(DISTRIBUTIONS) - sys.stdlib_module_names == set()
    assert wanted == named


@pytest.mark.parametrize("function", FUNCTIONS)
def test_locks_pin_every_version_with_hashes_for_every_target(function: str) -> None:
    text = (REQUIREMENTS / f"{function}.txt").read_text()
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert pins
    # pip judges an environment marker by the Python that builds, not by the target's.
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+ \\", pin) for pin in pins)
    assert all(f"{pin}\n    --hash=sha256:" in text for pin in pins)


def test_two_builds_have_the_same_bytes(build_for: BuildFor, tmp_path: Path) -> None:
    again = build(Target.for_lambda(architecture="arm64"), tmp_path / "zips", cache=tmp_path / "another cache")

    assert {one.function: one.sha256 for one in again.values()} == {
        one.function: one.sha256 for one in build_for("arm64").values()
    }
