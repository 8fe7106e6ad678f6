"""The number of scans in a JPEG."""

import re
from typing import Final

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
    """Check that a JPEG does not have too many scans.

    Raises:
        ValueError: There are more than any photo has.
    """
    scans, components, found = 0, b"", _MARKER.search(source)
    while found and found[1] != _END_OF_IMAGE:
        at = found.end()
        if found[1] in _SEQUENTIAL:
            components = source[at + _COMPONENTS_AT : at + _COMPONENTS_AT + 1]
        if found[1] == _START_OF_SCAN:
            if not scans and components and components == source[at + _SCANNED_AT : at + _SCANNED_AT + 1]:
                return  # it is the only one: the decoder ignores any other
            scans += 1
        if scans > _MAX_SCANS:
            raise ValueError(f"more than {_MAX_SCANS} scans")
        if found[1] != _START_OF_IMAGE:
            at += int.from_bytes(source[at : at + 2], "big")
        found = _MARKER.search(source, at)
