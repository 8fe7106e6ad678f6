import hashlib
import io
import socket
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest

from thumbpipe_devkit.bundle import BundleError, Target
from thumbpipe_devkit.bundle.dependencies import SOURCE_ONLY, pack

HOST: Final = Target.for_host()


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    return tmp_path / "resize.txt"


def test_lambda_gets_the_wheel_of_its_platform_whatever_the_host_is(
    make_wheel: Callable[..., str], lock_file: Path, tmp_path: Path
) -> None:
    arm = make_wheel("cp312-cp312-manylinux_2_28_aarch64", "pine")
    intel = make_wheel("cp312-cp312-manylinux2014_x86_64", "fir")
    lock_file.write_text(f"{arm.strip()} {intel.split()[1]}\n")

    for architecture, colour in (("arm64", b"pine"), ("x86_64", b"fir")):
        packed = pack(lock_file, Target.for_lambda(python="3.12", architecture=architecture), tmp_path / "cache")
        assert colour in ZipFile(packed).read("frames/__init__.py")


def test_a_wheel_for_a_newer_glibc_than_lambdas_is_refused(
    make_wheel: Callable[..., str], lock_file: Path, tmp_path: Path
) -> None:
    lock_file.write_text(make_wheel("cp311-cp311-manylinux_2_28_x86_64"))

    with pytest.raises(BundleError, match=r"no wheel for this target\. Choose another Python") as caught:
        pack(lock_file, Target.for_lambda(python="3.11", architecture="x86_64"), tmp_path / "cache")

    assert "lambda-x86_64-py3.11" in str(caught.value)
    assert "frames==1.0" in str(caught.value)


def test_a_wheel_that_is_not_the_locked_one_is_refused(
    make_wheel: Callable[..., str], lock_file: Path, tmp_path: Path
) -> None:
    lock_file.write_text(make_wheel())
    make_wheel(colour="plastic")

    with pytest.raises(BundleError, match="A download does not match the lock"):
        pack(lock_file, HOST, tmp_path / "cache")


def test_a_failed_build_leaves_nothing_that_a_later_one_would_use(
    make_wheel: Callable[..., str], wheels: Path, lock_file: Path, tmp_path: Path
) -> None:
    lock_file.write_text(make_wheel())
    hidden = (wheels / "frames-1.0-py3-none-any.whl").rename(tmp_path / "hidden")
    with pytest.raises(BundleError):
        pack(lock_file, HOST, tmp_path / "cache")
    hidden.rename(wheels / "frames-1.0-py3-none-any.whl")

    assert "frames/__init__.py" in ZipFile(pack(lock_file, HOST, tmp_path / "cache")).namelist()
    assert [path.suffix for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == [".zip"]


def test_builds_side_by_side_share_one_cache(make_wheel: Callable[..., str], lock_file: Path, tmp_path: Path) -> None:
    lock_file.write_text(make_wheel())

    with ThreadPoolExecutor(3) as pool:
        packed = list(pool.map(lambda _: pack(lock_file, HOST, tmp_path / "cache"), range(3)))

    assert len(set(packed)) == 1
    assert ZipFile(packed[0]).testzip() is None


def test_an_index_that_does_not_answer_is_reported_with_the_solution(
    make_wheel: Callable[..., str], lock_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_file.write_text(make_wheel())
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")

    with pytest.raises(BundleError, match=r"index does not answer\. Go online once .* PIP_INDEX_URL"):
        pack(lock_file, HOST, tmp_path / "cache")


def test_source_distributions_are_built_with_installed_tools_only(
    wheels: Path, lock_file: Path, tmp_path: Path
) -> None:
    (name,) = SOURCE_ONLY
    sources = {
        "pyproject.toml": '[build-system]\nrequires = ["a-tool-of-the-net"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.cfg": f"[metadata]\nname = {name}\nversion = 1.0\n[options]\npy_modules = {name}\n",
        f"{name}.py": "",
    }
    sdist = wheels / f"{name}-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        for path, text in sources.items():
            member = tarfile.TarInfo(f"{name}-1.0/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    lock_file.write_text(f"{name}==1.0 --hash=sha256:{hashlib.sha256(sdist.read_bytes()).hexdigest()}\n")

    assert f"{name}.py" in ZipFile(pack(lock_file, HOST, tmp_path / "cache")).namelist()
