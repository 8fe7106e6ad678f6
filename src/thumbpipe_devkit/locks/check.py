"""Checks from the locks' text, without a network, that they match their inputs."""

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from thumbpipe_devkit.locks.plan import FOLDER, Lock, plan
from thumbpipe_devkit.locks.text import LockSyntaxError, LockText, Pin

_RENEW: Final = "run `nox -s lock`"

# The supported platforms: {sys_platform: its names in other markers}.
_PLATFORMS: Final = (
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix"},
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "x86_64", "os_name": "posix"},
)
_CPYTHON: Final = {"implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}

_PATCHES: Final = (0, 99)  # the first and the last: some packages require a patch level

# Pages that say how to install nox, and all forms in which they name it.
_PAGES: Final = ("README.md", "CONTRIBUTING.md", "docs/*.md")
_INSTALLS_NOX: Final = re.compile(r"\b(?:pip3? install|uvx|pipx (?:run|install))(?: -\S+)* '?(nox\b(?!-)[^\s'`]*)")


def problems_of_checkout(checkout: Path) -> Iterator[str]:
    """Return what is wrong with a checkout's locks, and with pages that state the same versions."""
    locks = plan(checkout)
    for lock in locks:
        file = checkout / lock.file
        found = problems(lock, file.read_text(encoding="utf-8")) if file.is_file() else [f"missing: {_RENEW}"]
        yield from (f"{lock.file}: {problem}" for problem in found)
    for file in sorted((checkout / FOLDER).iterdir()) if (checkout / FOLDER).is_dir() else ():
        if file.relative_to(checkout) not in {lock.file for lock in locks}:
            yield f"{file.relative_to(checkout)}: it is not one of the locks"
    (nox,) = (Requirement(it) for lock in locks if lock.file.name == "nox.txt" for it in lock.requirements)
    for page in sorted(page for pattern in _PAGES for page in checkout.glob(pattern)):
        for named in installations_of_nox(page.read_text(encoding="utf-8")):
            if named.replace("@", "==") != str(nox):
                yield f"{page.relative_to(checkout)}: it says `{named}`, but the lock has `{nox}`"


def installations_of_nox(text: str) -> list[str]:
    """Find how a page says to install nox: `nox`, `nox==2026.1.1`, or uv's `nox@2026.1.1`."""
    return _INSTALLS_NOX.findall(text)


def problems(lock: Lock, text: str) -> Iterator[str]:
    """Return what is wrong with a lock.

    Args:
        lock: The lock's inputs.
        text: The file's content.
    """
    try:
        locked = LockText.parse(text)
    except LockSyntaxError as error:
        yield str(error)
        return
    if locked.inputs != lock.digest():
        yield f"its inputs have changed: {_RENEW}"
    if not locked.is_untouched:
        yield f"it was not written by `nox -s lock`: {_RENEW}"
    for pin in locked.pins:
        if pin.version is None:
            yield f"`{pin.requirement}` is not an exact version"
        if not pin.hashes:
            yield f"{pin.requirement.name} has no hash"
    found = (problem for place in _places(lock) for problem in _contradictions(lock, locked.pins, place))
    yield from dict.fromkeys(found)  # each problem once, on however many platforms it occurs


def _places(lock: Lock) -> Iterator[dict[str, str]]:
    for python, patch in itertools.product(lock.pythons, _PATCHES):
        full = f"{python}.{patch}"
        versions = {"python_version": python, "python_full_version": full, "implementation_version": full}
        yield from (_CPYTHON | versions | platform for platform in _PLATFORMS)


def _contradictions(lock: Lock, pins: Iterable[Pin], place: dict[str, str]) -> Iterator[str]:
    versions: dict[str, str | None] = {}
    for pin in pins:
        name = canonicalize_name(pin.requirement.name)
        if _applies(pin.requirement, place):
            if name in versions:
                yield f"{name} has more than one version for Python {place['python_version']}"
            versions[name] = pin.version
    for text in lock.requirements:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        if _applies(requirement, place) and name not in {*versions, *lock.omitted}:
            yield f"{name} is missing: {_RENEW}"
    for text in (*lock.requirements, *lock.constraints):
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        version = versions.get(name)
        if version and _applies(requirement, place) and not requirement.specifier.contains(version, prereleases=True):
            yield f"{name} {version} is locked, but `{requirement}` is required: {_RENEW}"


def _applies(requirement: Requirement, place: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(place)
