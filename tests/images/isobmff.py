"""Write AVIF and HEIC containers around the streams of other encoders."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item: its type, data, properties, the items that it is derived from, other references, and flags."""

    kind: bytes
    data: bytes
    properties: Sequence[bytes] = ()
    made_of: Sequence[int] = ()
    references: Sequence[tuple[bytes, int]] = ()
    flags: int = 0


def box(kind: bytes, *parts: bytes) -> bytes:
    """Write a box."""
    content = b"".join(parts)
    return struct.pack(">I", len(content) + 8) + kind + content


def ispe(width: int, height: int) -> bytes:
    """State a size."""
    return box(b"ispe", bytes(4), struct.pack(">II", width, height))


def clap(*numbers: int) -> bytes:
    """State a clean aperture: numerators and denominators of width, height, horizontal and vertical offset."""
    return box(b"clap", struct.pack(">8i", *numbers))


def nclx(primaries: int, transfer: int, matrix: int, full_range: int = 1) -> bytes:
    """State colours by their code points."""
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, matrix, full_range << 7))


def found(source: bytes, kind: bytes) -> bytes:
    """Return the first box of a kind, wherever it is."""
    at = source.index(kind) - 4
    return source[at : at + int.from_bytes(source[at : at + 4], "big")]


def content(source: bytes, kind: bytes) -> bytes:
    """Return its content."""
    return found(source, kind)[8:]


def with_property(source: bytes, *added: bytes) -> bytes:
    """Rebuild a file of one item: its stream, its configuration and size, and further properties."""
    codec = b"av01" if b"av1C" in source else b"hvc1"
    kept = [found(source, kind) for kind in (b"ispe", b"av1C" if codec == b"av01" else b"hvcC", b"pixi")]
    return heif(Item(kind=codec, data=content(source, b"mdat"), properties=(*kept, *added)))


def aux(kind: str) -> bytes:
    """Say what an auxiliary picture is."""
    return box(b"auxC", bytes(4), kind.encode(), b"\0")


ALPHA: Final = aux("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
DEPTH: Final = aux("urn:mpeg:mpegB:cicp:systems:auxiliary:depth")
GAIN_MAP: Final = aux("urn:com:apple:photo:2020:aux:hdrgainmap")


def coded(source: bytes, *added: bytes, references: Sequence[tuple[bytes, int]] = ()) -> Item:
    """Take the one picture of a file as an item, with further properties."""
    codec = b"av01" if b"av1C" in source else b"hvc1"
    kept = [found(source, kind) for kind in (b"ispe", b"av1C" if codec == b"av01" else b"hvcC", b"pixi")]
    return Item(kind=codec, data=content(source, b"mdat"), properties=(*kept, *added), references=references)


def grid(columns: int, rows: int, size: tuple[int, int]) -> bytes:
    """Return the content of a grid item: how its tiles are laid out."""
    return struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, *size)


def heif(*items: Item, brands: Sequence[bytes] = ()) -> bytes:
    """Write a file whose items have the ids 1, 2, 3, …; the first is shown.

    Args:
        items: Its items.
        brands: Its major and compatible brands; by default those of its codec.
    """
    brand = b"avif" if any(item.kind == b"av01" for item in items) else b"heic"
    major, *others = brands or (brand, b"mif1", brand)
    ftyp = box(b"ftyp", major, bytes(4), *others)
    length = len(_meta(items, 0))
    at = len(ftyp) + length + 8
    return ftyp + _meta(items, at) + box(b"mdat", *(item.data for item in items))


def _meta(items: Sequence[Item], at: int) -> bytes:
    numbered = list(enumerate(items, 1))
    entries = [
        box(b"infe", b"\2\0\0", bytes([item.flags]), struct.pack(">HH", number, 0), item.kind, b"\0")
        for number, item in numbered
    ]
    places, offset = b"", at
    for number, item in numbered:
        places += struct.pack(">HHHII", number, 0, 1, offset, len(item.data))
        offset += len(item.data)
    described = list(dict.fromkeys(part for item in items for part in item.properties))
    associations = b"".join(
        struct.pack(">HB", number, len(item.properties))
        + bytes(0x80 | described.index(part) + 1 for part in item.properties)
        for number, item in numbered
    )
    references = b"".join(
        box(b"dimg", struct.pack(f">HH{len(item.made_of)}H", number, len(item.made_of), *item.made_of))
        for number, item in numbered
        if item.made_of
    )
    references += b"".join(
        box(kind, struct.pack(">HHH", number, 1, target))
        for number, item in numbered
        for kind, target in item.references
    )
    return box(
        b"meta",
        bytes(4),
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"pitm", bytes(4), struct.pack(">H", 1)),
        box(b"iinf", bytes(4), struct.pack(">H", len(items)), *entries),
        box(b"iloc", bytes(4), b"\x44\0", struct.pack(">H", len(items)), places),
        *([box(b"iref", bytes(4), references)] if references else []),
        box(b"iprp", box(b"ipco", *described), box(b"ipma", bytes(4), struct.pack(">I", len(items)), associations)),
    )
