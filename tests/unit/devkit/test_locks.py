"""Each lock is held against what it is made of, and made anew by uv from a real index."""

import functools
import hashlib
import http.server
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from support.packages import make_wheel
from thumbpipe_devkit.locks import __main__ as command
from thumbpipe_devkit.locks.check import installations_of_nox, problems, problems_of_checkout
from thumbpipe_devkit.locks.plan import Lock, plan
from thumbpipe_devkit.locks.renew import renew
from thumbpipe_devkit.locks.text import write
from thumbpipe_devkit.paths import CHECKOUT

HASH: Final = "ab" * 32
LOCK: Final = Lock(
    file=Path("locks", "shop.txt"),
    requirements=("frames==1.0", "Paint>=2; python_version >= '3.12'"),
    constraints=("glue==3",),
    omitted=("varnish",),
)
PINS: Final = f"""\
frames==1.0 \\
    --hash=sha256:{HASH} \\
    --hash=sha256:{HASH[::-1]}
glue==3 \\
    --hash=sha256:{HASH}
paint==2.1 ; python_full_version >= '3.12' \\
    --hash=sha256:{HASH}
"""
TEXT: Final = write(PINS, inputs=LOCK.digest())


def _with(old: str, new: str) -> str:
    """A lock that was written with other pins."""
    assert old in PINS
    return write(PINS.replace(old, new), inputs=LOCK.digest())


def test_a_lock_in_step_has_no_problem() -> None:
    assert list(problems(LOCK, TEXT)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (write(PINS, inputs="0" * 64), "what it is made of has changed"),
        (PINS, "what it is made of has changed"),
        (TEXT.replace("paint==2.1", "paint==2.2"), "has changed it"),
        (TEXT.replace(HASH, "cd" * 32), "has changed it"),
        (TEXT + f"nails==1 \\\n    --hash=sha256:{HASH}\n", "has changed it"),
        (_with(f"glue==3 \\\n    --hash=sha256:{HASH}\n", "glue==3\n"), "glue has no hash"),
        (_with("frames==1.0", "frames==1.1"), "frames 1.1 is locked, and `frames==1.0` is asked for"),
        (_with("paint==2.1", "paint==1.9"), "paint 1.9 is locked"),
        (_with("glue==3", "glue==4"), "glue 4 is locked, and `glue==3` is asked for"),
        (_with("paint==2.1", "pants==2.1"), "paint is missing"),
        (_with(">= '3.12'", ">= '3.13'"), "paint is missing"),
        (_with("glue==3", "glue>=3"), "`glue>=3` is no exact version"),
        (_with("glue==3", "glue==3.*"), "`glue==3.*` is no exact version"),
        (_with("glue==3", "glue"), "`glue` is no exact version"),
        (_with("glue==3", "glue @ https://example.com/glue-3.tar.gz"), "is no exact version"),
        (_with("glue==3", "Frames==1.0"), "frames has more than one version for Python 3.11"),
        (_with("glue==3", "--index-url https://example.com/simple\nglue==3"), "is no pin"),
        (_with("sha256:", "md5:"), "is no pin"),
        (_with(HASH, HASH[:-1]), "is no pin"),
        (_with("glue==3", "==3"), "is no pin"),
    ],
)
def test_a_lock_that_is_out_of_step_is_told(text: str, problem: str) -> None:
    assert any(problem in told for told in problems(LOCK, text))


def test_whatever_a_lock_is_made_of_changes_its_digest() -> None:
    others = [
        replace(LOCK, requirements=("frames==1.1", LOCK.requirements[1])),
        replace(LOCK, constraints=()),
        replace(LOCK, pythons=("3.12", "3.13")),
        replace(LOCK, environment="python_version < '3.14'"),
        replace(LOCK, omitted=()),
    ]

    assert len({lock.digest() for lock in [LOCK, *others]}) == len(others) + 1


def test_the_locks_of_this_checkout_are_in_step() -> None:
    assert list(problems_of_checkout(CHECKOUT)) == []


def test_no_lock_names_an_index_or_a_folder_of_the_machine_that_made_it() -> None:
    texts = [(CHECKOUT / lock.file).read_text() for lock in plan(CHECKOUT)]

    assert texts
    assert not any(word in text for text in texts for word in ("/", "@", "--index"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of all that the locks have to do with."""
    inputs = ["pyproject.toml", "README.md", "src/thumbpipe_localstack/pyproject.toml"]
    patterns = [
        "docs/*.md",
        "locks/*",
        "src/thumbpipe_localstack/constraints-*.txt",
        "src/thumbpipe_devkit/bundle/requirements/*",
    ]
    for file in [CHECKOUT / name for name in inputs] + [file for it in patterns for file in CHECKOUT.glob(it)]:
        copy = tmp_path / "checkout" / file.relative_to(CHECKOUT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    return tmp_path / "checkout"


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("pyproject.toml", '"ruff==', '"ruff==0.', ["locks/lint.txt"]),
        ("pyproject.toml", '"typer>=', '"typer>=0.', ["locks/types.txt", "locks/unit.txt"]),
        (
            "src/thumbpipe_localstack/pyproject.toml",
            '"brotli>=1.1"',
            '"brotli>=1.0"',
            ["locks/engine-4.13.1.txt", "locks/engine-4.14.0.txt"],
        ),
        (
            "src/thumbpipe_localstack/constraints-4.13.1.txt",
            "cbor2==5.8.0",
            "cbor2==6.0",
            ["locks/engine-4.13.1.txt"],
        ),
        (
            "src/thumbpipe_devkit/bundle/requirements/gallery.in",
            "cryptography\n",
            "cryptography<40\n",
            ["src/thumbpipe_devkit/bundle/requirements/gallery.txt"],
        ),
        ("locks/nox.txt", "nox==", "nox==1", ["locks/nox.txt"]),
        ("README.md", "pip install nox==", "pip install nox==1", ["README.md"]),
        ("docs/troubleshooting.md", "uvx nox@", "uvx nox@1", ["docs/troubleshooting.md"]),
    ],
)
def test_a_change_of_one_file_is_told_of_the_locks_that_it_concerns(
    checkout: Path, file: str, old: str, new: str, told: list[str]
) -> None:
    _replace(checkout / file, old, new)

    found = list(problems_of_checkout(checkout))

    assert sorted({problem.partition(":")[0] for problem in found}) == told


def test_a_lock_that_is_not_there_and_one_that_nobody_made_are_told(checkout: Path) -> None:
    (checkout / "locks" / "lint.txt").rename(checkout / "locks" / "stray.txt")

    assert list(problems_of_checkout(checkout)) == [
        "locks/lint.txt: it is not there: run `nox -s lock`",
        "locks/stray.txt: nothing is made of it",
    ]


def test_the_check_ends_with_its_verdict(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "CHECKOUT", checkout)
    assert command.main(["--check"]) == 0
    (checkout / "locks" / "build.txt").unlink()
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().err == "locks/build.txt: it is not there: run `nox -s lock`\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("python3 -m pip install nox && nox", ["nox"]),
        ("`uvx nox -s demo`, `pipx run nox==1.2 -s demo`", ["nox", "nox==1.2"]),
        ("pip install --user --quiet 'nox==1.2'", ["nox==1.2"]),
        ("uvx nox@1.2 -s demo", ["nox@1.2"]),
        ("python3 -m nox, nox -s lint, pip install nox-poetry, pip install .", []),
    ],
)
def test_a_page_is_searched_for_what_it_installs_as_nox(text: str, named: list[str]) -> None:
    assert installations_of_nox(text) == named


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Publish an empty wheel on an index of the test's own, the only one that uv knows; its hash is returned."""
    pytest.importorskip("uv", reason="uv is in the environments of `nox -s lock` and of the unit tests")
    root = tmp_path / "index"
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=root)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def publish(name: str, version: str, *needs: str) -> str:
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        made = make_wheel(folder, name, version, needs=needs)
        hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.whl")}
        links = "".join(f'<a href="{it}#sha256={its}">{it}</a>' for it, its in hashes.items())
        (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
        return made

    yield publish
    server.shutdown()
    server.server_close()


def test_a_lock_is_made_with_all_that_comes_in_and_is_in_step(publish: Callable[..., str], tmp_path: Path) -> None:
    frames = publish("frames", "1.0", "glue", "varnish", "paint; python_version < '3.12'")
    glue, paint, _, _ = (publish(*it) for it in [("glue", "3"), ("paint", "2"), ("glue", "4"), ("varnish", "1")])
    lock = Lock(file=LOCK.file, requirements=("frames==1.0",), constraints=("glue==3",), omitted=("varnish",))

    changes = renew(lock, tmp_path)

    text = (tmp_path / lock.file).read_text()
    assert changes == ["frames (new) → 1.0", "glue (new) → 3", "paint (new) → 2"]
    assert text.partition("\nframes")[2] == (
        f"==1.0 \\\n    --hash=sha256:{frames}\n"
        f"glue==3 \\\n    --hash=sha256:{glue}\n"
        f"paint==2 ; python_full_version < '3.12' \\\n    --hash=sha256:{paint}\n"
    )
    assert list(problems(lock, text)) == []


def test_versions_that_fit_are_kept_until_newer_ones_are_asked_for(publish: Callable[..., str], tmp_path: Path) -> None:
    lock = Lock(file=LOCK.file, requirements=("frames",))
    publish("frames", "1.0")
    renew(lock, tmp_path)
    publish("frames", "1.1")

    assert renew(lock, tmp_path) == []
    assert renew(lock, tmp_path, ["--upgrade"]) == ["frames 1.0 → 1.1"]


def test_a_hash_that_somebody_put_into_a_lock_does_not_survive(publish: Callable[..., str], tmp_path: Path) -> None:
    lock = Lock(file=LOCK.file, requirements=("frames",))
    right = publish("frames", "1.0")
    renew(lock, tmp_path)
    _replace(tmp_path / lock.file, right, HASH)

    assert renew(lock, tmp_path) == ["frames 1.0: other hashes"]
    assert right in (tmp_path / lock.file).read_text()
    assert HASH not in (tmp_path / lock.file).read_text()


def test_a_lock_for_some_pythons_alone_need_fit_no_other(publish: Callable[..., str], tmp_path: Path) -> None:
    publish("frames", "1.0", "glue<3; python_version >= '3.14'")
    publish("glue", "3")
    everywhere = Lock(file=LOCK.file, requirements=("frames",), constraints=("glue==3",))
    lock = replace(everywhere, environment="python_version < '3.14'", requirements=("frames", "glue"))

    with pytest.raises(subprocess.CalledProcessError):
        renew(everywhere, tmp_path)
    assert renew(lock, tmp_path) == ["frames (new) → 1.0", "glue (new) → 3"]
    assert list(problems(lock, (tmp_path / lock.file).read_text())) == []


def test_a_lock_that_cannot_be_made_stays_as_it_was(
    publish: Callable[..., str],
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    publish("frames", "1.0")
    monkeypatch.setattr(command, "CHECKOUT", checkout)

    assert command.main([]) == 1
    assert f"{plan(checkout)[0].file} is as it was; uv's reason is above.\n" in capfd.readouterr().err
    assert list(problems_of_checkout(checkout)) == []
