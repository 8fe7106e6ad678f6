"""The scans of a JPEG: how many there are, and which coefficients they contain."""

import re
from typing import Final

from thumbpipe.core.imaging.errors import DamagedError

_MAX_SCANS: Final = 100
"""A progressive photo has some 10. Each covers the whole picture, however little it contains: thousands take hours."""

_MARKER: Final = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)
_START_OF_SCAN: Final = b"\xda"
_START_OF_IMAGE: Final = b"\xd8"
_END_OF_IMAGE: Final = b"\xd9"
_SEQUENTIAL: Final = frozenset({b"\xc0", b"\xc1", b"\xc9"})
_COMPONENTS_AT: Final = 7
_SCANNED_AT: Final = 2


def check_scans(source: bytes) -> None:
    """Count a JPEG's scans.

    Raises:
        DamagedError: There are more than any photo has.
    """
    scans, components, found = 0, b"", _MARKER.search(source)
    while found and found[1] != _END_OF_IMAGE:
        at = found.end()
        if found[1] in _SEQUENTIAL:
            components = source[at + _COMPONENTS_AT : at + _COMPONENTS_AT + 1]
        if found[1] == _START_OF_SCAN:
            if not scans and components and components == source[at + _SCANNED_AT : at + _SCANNED_AT + 1]:
                return  # it contains everything, and the decoder accepts no other
            scans += 1
        if scans > _MAX_SCANS:
            raise DamagedError(f"more than {_MAX_SCANS} scans")
        if found[1] != _START_OF_IMAGE:
            at += int.from_bytes(source[at : at + 2], "big")
        found = _MARKER.search(source, at)


_PROGRESSIVE: Final = frozenset({b"\xc2", b"\xca"})
_COEFFICIENTS: Final = 64


def is_covered(source: bytes) -> bool:
    """Say whether a JPEG's scans hold every coefficient of every channel to its last bit."""
    left: dict[int, set[int]] = {}
    is_progressive, found = False, _MARKER.search(source)
    while found and found[1] != _END_OF_IMAGE:
        at = found.end()
        if found[1] in _SEQUENTIAL | _PROGRESSIVE:
            is_progressive = found[1] in _PROGRESSIVE
            left = {source[at + 8 + 3 * index]: set(range(_COEFFICIENTS)) for index in range(source[at + 7])}
        if found[1] == _START_OF_SCAN:
            count = source[at + 2]
            first, last, bits = source[at + 3 + 2 * count : at + 6 + 2 * count]
            done = set(range(first, last + 1)) if is_progressive else set(range(_COEFFICIENTS))
            for index in range(count):
                # The lower four bits say how many bits are left to later scans.
                left.get(source[at + 3 + 2 * index], set()).difference_update(() if bits & 15 else done)
        if found[1] != _START_OF_IMAGE:
            at += int.from_bytes(source[at : at + 2], "big")
        found = _MARKER.search(source, at)
    return bool(left) and not any(left.values())
