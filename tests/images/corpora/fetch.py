"""Public pictures in packages of registries: fetched once, and kept in thumbpipe's cache folder."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

import platformdirs

PATIENCE_S: Final = 180.0
_ENDINGS: Final = (
    r"\.(jpe?g|jpe|mpo|a?png|gif|webp|tiff?|bmp|dib|avifs?|hei[cf]s?|hif"
    r"|svg|pdf|eps|psd|ico|cur|icns|jp2|tga|p[bgpn]m)$"
)
_PYPNG_PICTURE: Final = re.compile(rb'^ *["\'](\w+)["\']: *_dehex\(\s*b?"""(.*?)"""', re.DOTALL | re.MULTILINE)


class UnreachableError(Exception):
    """A corpus is not in the cache and cannot be fetched: no network, or no such tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Pictures of one origin.

    Attributes:
        name: Its name in the table.
        package: The package and its version.
        fetch: Writes the package's archive into a folder.
        sha256: Of that archive; None if the distribution updates it (Debian).
        members: Yields the archive's files with their names.
        wanted: Matches the names of pictures, and of files that once crashed a decoder.
    """

    name: str
    package: str
    fetch: Callable[[Path], None]
    sha256: str | None
    members: Callable[[Path], Iterator[tuple[str, bytes]]]
    wanted: re.Pattern[str]

    def pictures(self) -> dict[str, bytes]:
        """Return the pictures by name, each content once.

        Raises:
            UnreachableError: They cannot be fetched.
        """
        found: dict[bytes, tuple[str, bytes]] = {}
        for name, content in self.members(self._archive()):
            if self.wanted.search(name):
                found.setdefault(hashlib.sha256(content).digest(), (name, content))
        return dict(sorted(found.values()))

    def _archive(self) -> Path:
        folder = cache_folder() / "corpora" / self.package
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent) as made:
                self.fetch(Path(made))
                (archive,) = Path(made).iterdir()
                self._check(archive)
                # Two runs may fetch the same; the first one wins, with a complete folder.
                shutil.copytree(made, folder, dirs_exist_ok=True)
        (archive,) = folder.iterdir()
        return archive

    def _check(self, archive: Path) -> None:
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if self.sha256 and found != self.sha256:
            raise RuntimeError(f"{archive.name} has changed: its SHA-256 is {found}.")


def cache_folder() -> Path:
    """Return the folder of files that can be fetched again."""
    return Path(os.environ.get("THUMBPIPE_CACHE") or platformdirs.user_cache_path("thumbpipe"))


def _run(*command: str, folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise UnreachableError(said.strip().rpartition("\n")[2]) from error


def _sdist(requirement: str, folder: Path) -> None:
    options = ("--quiet", "--no-deps", "--no-binary", ":all:", "--dest", ".")
    _run(sys.executable, "-m", "pip", "download", *options, requirement, folder=folder)


def _debian(package: str, folder: Path) -> None:
    # apt's own user may not write into our folder; apt warns, and downloads as root.
    _run("apt-get", "download", "--quiet", package, folder=folder)


def _tar(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as files:
        yield from _members(files)


def _zip(archive: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as files:
        yield from ((name, files.read(name)) for name in files.namelist())


def _deb(archive: Path) -> Iterator[tuple[str, bytes]]:
    command = ("dpkg-deb", "--fsys-tarfile", str(archive))
    unpacked = subprocess.run(command, check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(unpacked.stdout)) as files:
        yield from _members(files)


def _members(files: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in files:
        stream = files.extractfile(member) if member.isfile() else None
        if stream:
            yield str(PurePosixPath(member.name)), stream.read()


def _pypng(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield PngSuite's files from pypng: hexadecimal digits in a module, which is read, not run."""
    (module,) = (content for name, content in _tar(archive) if name.endswith("/code/pngsuite.py"))
    for name, digits in _PYPNG_PICTURE.findall(module):
        yield f"{name.decode()}.png", bytes.fromhex(digits.decode())


def _from_pypi(
    name: str,
    requirement: str,
    sha256: str,
    wanted: str,
    members: Callable[[Path], Iterator[tuple[str, bytes]]] = _tar,
) -> Corpus:
    return Corpus(
        name=name,
        package=requirement,
        fetch=partial(_sdist, requirement),
        sha256=sha256,
        members=members,
        wanted=re.compile(wanted, re.IGNORECASE),
    )


def _from_debian(name: str, package: str, wanted: str) -> Corpus:
    return Corpus(
        name=name,
        package=package,
        fetch=partial(_debian, package),
        sha256=None,
        members=_deb,
        wanted=re.compile(wanted, re.IGNORECASE),
    )


CORPORA: Final = (
    _from_pypi(
        "PngSuite (basic)",
        "pypng==0.20220715.0",
        "739c433ba96f078315de54c0db975aee537cbc3e1d0ae4ed9aab0ca1e427e2c1",
        _ENDINGS,
        _pypng,
    ),
    _from_pypi(
        "Pillow",
        "pillow==13.0.0",
        "cdcd1ba258178f7356d74170c9a81ba4eab6a5d55748bc402a5a2a6fe6be3510",
        r"/Tests/images/",  # all files, including other kinds and those that once crashed it
    ),
    _from_pypi(
        "pillow-heif",
        "pillow-heif==1.8.1",
        "521ebffb8a181d56c3904e5a61f20903edee0d9d3275967b8fb345f866215c06",
        rf"/tests/images/.*{_ENDINGS}",
    ),
    _from_pypi(
        "thumbor",
        "thumbor==7.8.0",
        "3211d7b3210864fae09a67a822e69851aa54ac6137d8a35c1a4047881e3c6dfc",
        rf"/tests/fixtures/.*{_ENDINGS}",
    ),
    _from_pypi(
        "Wand",
        "wand==0.7.2",
        "0387fd08848d00cadd1d885fcb19a17dd4250df2029e5338b6b668b7fed64b5b",
        rf"/tests/assets/.*{_ENDINGS}",
    ),
    _from_pypi(
        "imagesize",
        "imagesize==2.0.1",
        "b2ba6a4dea487a7ebcd53248d3476aca449d30db12a2dde5e0c5ca9624fd77e5",
        rf"/test/images/.*{_ENDINGS}",
    ),
    _from_pypi(
        "piexif",
        "piexif==1.1.3",
        "83cb35c606bf3a1ea1a8f0a25cb42cf17e24353fd82e87ae3884e74a302a5f1b",
        rf"/tests/images/.*{_ENDINGS}",
        _zip,
    ),
    _from_debian("GdkPixbuf", "gdk-pixbuf-tests", rf"/test-images/.*{_ENDINGS}"),
    _from_debian("JPEG XL's sources", "libjxl-testdata", r"/libjxl-testdata/.*\.(png|jpe?g|gif)$"),
)
