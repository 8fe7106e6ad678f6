"""What decoders of AVIF and HEIC stumble over, though the pictures are as they should be."""

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


def repaired(source: bytes, source_format: SourceFormat, facts: IsoFacts) -> bytes | None:
    """Return a file with a brand that its decoder knows, and without items that are called Exif and are none.

    Returns:
        None where the file is as its decoder wants it.
    """
    taken = _TAKEN[source_format] if facts.has_track else _TAKEN[source_format] - _SEQUENCES
    compatible = {source[at : at + 4] for at in range(_COMPATIBLE_AT, int.from_bytes(source[:4], "big"), 4)}
    is_known = source[_BRAND] in taken and not compatible.isdisjoint(taken)
    if is_known and not facts.broken_exif:
        return None
    copy = bytearray(source)
    if not is_known:
        copy[_BRAND] = _PLAIN[source_format]
        if compatible:
            copy[_COMPATIBLE_AT : _COMPATIBLE_AT + 4] = _PLAIN[source_format]
    for at in facts.broken_exif:
        copy[at : at + len(_NO_KIND)] = _NO_KIND
    return bytes(copy)
