"""A lock's text: pip's requirements, after three lines that show whether `nox -s lock` wrote it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from packaging.requirements import InvalidRequirement, Requirement

_HEAD: Final = "# Written by `nox -s lock`, which makes it anew; `nox -s lint` finds every other change.\n"
_DIGESTS: Final = re.compile(re.escape(_HEAD) + r"# inputs: ([0-9a-f]{64})\n# pins: ([0-9a-f]{64})\n")
_ENTRY: Final = re.compile(r"(?P<requirement>[^\s\\#-][^\\\n]*?)(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})*)\n")


class LockSyntaxError(Exception):
    """The text is not a lock; the message names the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One package of a lock.

    Attributes:
        requirement: Its name, version and environment marker.
        hashes: SHA-256 of the files that pip may install, in hexadecimal.
    """

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def version(self) -> str | None:
        """The exact version, or None if it is not exact."""
        (one, *others) = self.requirement.specifier or (None,)
        exact = one is not None and not others and one.operator == "==" and not one.version.endswith(".*")
        return one.version if one is not None and exact else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockText:
    """A parsed lock.

    Attributes:
        inputs: The digest of its inputs; empty if it is missing.
        is_untouched: Whether the pins are unchanged since they were written.
        pins: The packages.
    """

    inputs: str
    is_untouched: bool
    pins: tuple[Pin, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a lock.

        Raises:
            LockSyntaxError: It contains something other than pins with hashes: an option, a URL, a path.
        """
        head = _DIGESTS.match(text)
        inputs, pins = head.groups() if head else ("", "")
        body = text[head.end() :] if head else text.removeprefix(_HEAD)
        return cls(inputs=inputs, is_untouched=pins == _digest(body), pins=tuple(_parse_pins(body)))


def write(pins: str, *, inputs: str) -> str:
    """Return the text of a lock.

    Args:
        pins: uv's output, without comments.
        inputs: The digest of its inputs.
    """
    return f"{_HEAD}# inputs: {inputs}\n# pins: {_digest(pins)}\n{pins}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _parse_pins(body: str) -> Iterator[Pin]:
    position = 0
    while position < len(body):
        entry = _ENTRY.match(body, position)
        line = body[position:].partition("\n")[0]
        if entry is None:
            raise LockSyntaxError(f"`{line}` is not a pin")
        try:
            requirement = Requirement(entry["requirement"])
        except InvalidRequirement as error:
            raise LockSyntaxError(f"`{line}` is not a pin") from error
        yield Pin(requirement=requirement, hashes=frozenset(re.findall(r"[0-9a-f]{64}", entry["hashes"])))
        position = entry.end()
