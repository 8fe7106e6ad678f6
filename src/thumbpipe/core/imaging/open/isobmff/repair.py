"""Repair AVIFs and HEICs that their decoders would reject, although the pictures are intact."""

from typing import Final

from thumbpipe.core.imaging.open.isobmff.facts import IsoFacts
from thumbpipe.core.imaging.open.sniff import SourceFormat

_BRAND: Final = slice(8, 12)
_TAKEN: Final = {
    SourceFormat.AVIF: frozenset({b"avif", b"avis"}),
    SourceFormat.HEIC: frozenset(
        {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
    ),
}
_SEQUENCES: Final = frozenset({b"avis"})
_COMPATIBLE_AT: Final = 16
_PLAIN: Final = {SourceFormat.AVIF: b"avif", SourceFormat.HEIC: b"heic"}
_NO_KIND: Final = b"free"
_READABLE: Final = bytes(at if at < 128 else ord("?") for at in range(256))  # noqa: PLR2004 - ASCII's end


def repaired(source: bytes, source_format: SourceFormat, facts: IsoFacts) -> bytes | None:
    """Return a file with a brand and item names that its decoder can read, and without invalid Exif items.

    Returns:
        None if nothing has to be repaired.
    """
    taken = _TAKEN[source_format] if facts.has_track else _TAKEN[source_format] - _SEQUENCES
    compatible = {source[at : at + 4] for at in range(_COMPATIBLE_AT, int.from_bytes(source[:4], "big"), 4)}
    is_known = source[_BRAND] in taken and not compatible.isdisjoint(taken)
    if is_known and not (facts.broken_exif or facts.unreadable_names or facts.demotions):
        return None
    copy = bytearray(source)
    if not is_known:
        copy[_BRAND] = _PLAIN[source_format]
        if compatible:
            copy[_COMPATIBLE_AT : _COMPATIBLE_AT + 4] = _PLAIN[source_format]
    for at in facts.broken_exif:
        copy[at : at + len(_NO_KIND)] = _NO_KIND
    for start, end in facts.unreadable_names:
        copy[start:end] = copy[start:end].translate(_READABLE)
    for at, data in facts.demotions:
        copy[at : at + len(data)] = data
    return bytes(copy)
