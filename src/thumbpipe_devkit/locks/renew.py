"""Regenerates locks with uv, which takes every version's hashes from the package index."""

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from thumbpipe_devkit.locks.plan import Lock
from thumbpipe_devkit.locks.text import LockSyntaxError, LockText, Pin, write

TIMEOUT_SECONDS: Final = 600
# No comments: they would contain local paths and the index's URL.
_UV: Final = ("pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate", "--no-header")


def renew(lock: Lock, checkout: Path, arguments: Sequence[str] = ()) -> list[str]:
    """Write a lock. Versions of the existing lock are kept if they still fit; its hashes never are.

    Args:
        lock: The lock.
        checkout: The checkout's folder.
        arguments: Further arguments of `uv pip compile`: `--upgrade`, `--upgrade-package NAME`.

    Returns:
        A description of each change: "idna 3.10 → 3.11".

    Raises:
        subprocess.CalledProcessError: uv failed; it has printed the reason.
    """
    file = checkout / lock.file
    before = _pins(file)
    text = write(_compile(lock, before, arguments), inputs=lock.digest())
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return list(_changes(before, _pins(file)))


def _pins(file: Path) -> tuple[Pin, ...]:
    try:
        return LockText.parse(file.read_text(encoding="utf-8")).pins
    except (FileNotFoundError, LockSyntaxError):  # there is no lock yet
        return ()


def _compile(lock: Lock, before: Sequence[Pin], arguments: Sequence[str]) -> str:
    """Run uv in an empty folder, without other configuration."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if lock.environment:  # uv has no option for it
            folder.joinpath("pyproject.toml").write_text(f'[tool.uv]\nenvironments = ["{lock.environment}"]\n')
        folder.joinpath("lock.in").write_text("\n".join(lock.requirements))
        folder.joinpath("constraints.txt").write_text("\n".join(lock.constraints))
        # Without hashes: uv would trust those of a modified file.
        folder.joinpath("lock.txt").write_text("\n".join(str(pin.requirement) for pin in before))
        command = [sys.executable, "-m", "uv", *_UV, f"--python-version={lock.pythons[0]}"]
        command += [f"--no-emit-package={name}" for name in lock.omitted]
        command += [*arguments, "--constraint=constraints.txt", "--output-file=lock.txt", "lock.in"]
        subprocess.run(  # noqa: S603 - our own arguments and the caller's
            command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS
        )
        return folder.joinpath("lock.txt").read_text()


def _changes(before: Iterable[Pin], after: Iterable[Pin]) -> Iterator[str]:
    old, new = _by_name(before), _by_name(after)
    for name in sorted({*old, *new}):
        was, its = _versions(old.get(name, ())), _versions(new.get(name, ()))
        if was != its:
            yield f"{name} {was or '(new)'} → {its or '(removed)'}"
        elif _hashes(old[name]) != _hashes(new[name]):
            yield f"{name} {its}: different hashes"


def _by_name(pins: Iterable[Pin]) -> dict[str, list[Pin]]:
    """Group the pins by package: one has several if its version depends on the Python version."""
    named: dict[str, list[Pin]] = {}
    for pin in pins:
        named.setdefault(canonicalize_name(pin.requirement.name), []).append(pin)
    return named


def _versions(pins: Iterable[Pin]) -> str:
    return ", ".join(sorted(str(pin.version) for pin in pins))


def _hashes(pins: Iterable[Pin]) -> set[str]:
    return {one for pin in pins for one in pin.hashes}
