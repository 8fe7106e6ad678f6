import re
from typing import Final

_MAX_SCANS: Final = 100
"""A progressive photo has some 10. Each goes over the whole picture, however little it holds: thousands take hours."""

_MARKER: Final = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)
_START_OF_SCAN, _START_OF_IMAGE, _END_OF_IMAGE = b"\xda", b"\xd8", b"\xd9"


def check_scans(source: bytes) -> None:
    """Count a JPEG's scans.

    Raises:
        ValueError: There are more than any photo has.
    """
    scans, found = 0, _MARKER.search(source)
    while found and found[1] != _END_OF_IMAGE:
        scans += found[1] == _START_OF_SCAN
        if scans > _MAX_SCANS:
            raise ValueError(f"more than {_MAX_SCANS} scans")
        at = found.end()
        if found[1] != _START_OF_IMAGE:
            at += int.from_bytes(source[at : at + 2], "big")
        found = _MARKER.search(source, at)
