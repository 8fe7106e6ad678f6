"""GIFs that say how often they play by another name than Netscape's."""

from typing import Final

_KNOWN: Final = b"\x21\xff\x0bNETSCAPE2.0"
_ALIAS: Final = b"\x21\xff\x0bANIMEXTS1.0"


def with_known_loops(source: bytes) -> bytes:
    """Call the extension by the name that decoders know; what else looks like it lies within pixels, and stays."""
    at = source.find(_ALIAS)
    if at < 0 or _KNOWN in source[:at]:
        return source
    return source[:at] + _KNOWN + source[at + len(_ALIAS) :]
