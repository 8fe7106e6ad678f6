"""GIFs whose loop count is in an extension with a name other than Netscape's."""

from typing import Final

_KNOWN: Final = b"\x21\xff\x0bNETSCAPE2.0"
_ALIAS: Final = b"\x21\xff\x0bANIMEXTS1.0"


def with_known_loops(source: bytes) -> bytes:
    """Rename the extension to what decoders know; later matches lie within pixels, and are left alone."""
    at = source.find(_ALIAS)
    if at < 0 or _KNOWN in source[:at]:
        return source
    return source[:at] + _KNOWN + source[at + len(_ALIAS) :]
