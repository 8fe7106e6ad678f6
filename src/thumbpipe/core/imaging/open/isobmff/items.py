"""The items of an AVIF or HEIC: images, tiles, alpha planes and metadata, and how they refer to each other."""

from dataclasses import dataclass, field
from typing import Final

from thumbpipe.core.imaging.errors import DamagedError, EndsTooEarlyError
from thumbpipe.core.imaging.open.byte_reader import Reader
from thumbpipe.core.imaging.open.isobmff.boxes import Box, boxes
from thumbpipe.core.imaging.open.isobmff.budget import Budget

_MAX_ENTRIES: Final = 200_000
"""Of all tables: a photo of 48 megapixels has a thousand."""

_FULL: Final = 4  # a full box's version and flags
_WIDE_IDS: Final = 2
_ALPHA_KINDS: Final = (b"auxiliary:alpha", b"auxid:1\0")
_IN_FILE: Final = 0
_IN_IDAT: Final = 1


@dataclass(slots=True, kw_only=True)
class Item:
    """One item.

    Attributes:
        kind: Such as `av01`, `hvc1`, `grid` or `Exif`.
        properties: The boxes that describe it, in order.
        stated_at: The offset and length of each property's association, in bytes.
        extents: Where its bytes lie in the file.
        is_cut: Whether it extends beyond the end of the file.
        made_of: The items that it is derived from; one may occur more than once.
    """

    kind: bytes = b""
    properties: list[Box] = field(default_factory=list)
    stated_at: list[tuple[int, int]] = field(default_factory=list)
    extents: list[tuple[int, int]] = field(default_factory=list)
    is_cut: bool = False
    made_of: list[int] = field(default_factory=list)

    def property(self, kind: bytes) -> Box | None:
        """Return its first property of a type."""
        return next((box for box in self.properties if box.kind == kind), None)

    def data(self, source: bytes, budget: Budget) -> bytes:
        """Return its data.

        Args:
            source: The file.
            budget: How many bytes are read.

        Raises:
            DamagedError: There are more.
        """
        budget.spend(sum(end - start for start, end in self.extents))
        return b"".join(source[start:end] for start, end in self.extents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """All items of a file.

    Attributes:
        primary: The id of the one that is shown.
        by_id: All of them.
        masks: By id: the ids of its alpha planes and the like.
        demotions: Where the file says that the primary item is hidden or belongs to another, and what to write there:
            otherwise libheif would show another one.
    """

    primary: int
    by_id: dict[int, Item]
    masks: dict[int, list[int]]
    demotions: tuple[tuple[int, bytes], ...] = ()

    def made_of(self, number: int) -> list[int]:
        """Return the ids of all that is decoded for an item: what it is derived from, and its alpha planes."""
        item = self.by_id.get(number)
        return [*(item.made_of if item else ()), *self.masks.get(number, ())]

    def decoded(self) -> set[int]:
        """Return the ids of everything that is decoded for the shown picture."""
        found, open_ids = set(), [self.primary]
        while open_ids:
            number = open_ids.pop()
            if number not in found and number in self.by_id:
                found.add(number)
                open_ids += self.made_of(number)
        return found

    def codec(self) -> bytes:
        """Return the codec of the shown picture: the kind of the first item that it is derived from."""
        number, seen = self.primary, set()
        while number not in seen and self.by_id.get(number, Item()).made_of:
            seen.add(number)
            number = self.by_id[number].made_of[0]
        return self.by_id.get(number, Item()).kind


def read_items(source: bytes, meta: Box) -> Items:
    """Read a `meta` box.

    Raises:
        DamagedError: It is damaged.
    """
    try:
        return _ItemsReader(source, meta).read()
    except EndsTooEarlyError as error:
        raise DamagedError("a box of the header ends too early") from error


_HIDDEN: Final = 1
_BELONGS: Final = frozenset({b"thmb", b"auxl"})
_NO_KIND: Final = b"free"


class _ItemsReader:
    def __init__(self, source: bytes, meta: Box) -> None:
        self._source = source
        self._demotions: list[tuple[int, bytes]] = []
        self._parts = {box.kind: box for box in boxes(source, meta.start + _FULL, meta.end)}
        self._items: dict[int, Item] = {}
        self._primary = 0
        self._masks: dict[int, list[int]] = {}
        self._entries = Budget(_MAX_ENTRIES, "items")

    def read(self) -> Items:
        for kind, read in (
            (b"pitm", self._read_primary),
            (b"iinf", self._read_kinds),
            (b"iloc", self._read_places),
            (b"iref", self._read_references),
            (b"iprp", self._read_properties),
        ):
            if kind in self._parts:
                read(self._parts[kind])
        masks = {of: [each for each in numbers if self._is_alpha(each)] for of, numbers in self._masks.items()}
        return Items(primary=self._primary, by_id=self._items, masks=masks, demotions=tuple(self._demotions))

    def _is_alpha(self, number: int) -> bool:
        """Whether an auxiliary picture is alpha: depth and gain maps are not decoded."""
        item = self._items.get(number)
        box = item.property(b"auxC") if item else None
        return box is None or any(self._source.find(kind, box.start, box.end) >= 0 for kind in _ALPHA_KINDS)

    def _item(self, number: int) -> Item:
        self._entries.spend()
        return self._items.setdefault(number, Item())

    def _opened(self, box: Box) -> tuple[Reader, int, int]:
        """Return a reader after a full box's header, its version and its flags."""
        reader = Reader(self._source, box.start)
        (head,) = reader.unpack(">I")
        return reader, head >> 24, head & 0xFFFFFF

    def _read_primary(self, box: Box) -> None:
        reader, version, _flags = self._opened(box)
        (self._primary,) = reader.unpack(">I" if version else ">H")

    def _read_kinds(self, box: Box) -> None:
        reader, version, _flags = self._opened(box)
        reader.unpack(">I" if version else ">H")
        for entry in boxes(self._source, reader.at, box.end):
            inner, version, flags = self._opened(entry)
            if entry.kind == b"infe" and version >= _WIDE_IDS:
                number, _protection = inner.unpack(">HH" if version == _WIDE_IDS else ">IH")
                self._item(number).kind = inner.take(4)
                if number == self._primary and flags & _HIDDEN:
                    self._demotions.append((entry.start + _FULL - 1, bytes([flags & ~_HIDDEN & 0xFF])))

    def _read_places(self, box: Box) -> None:
        reader, version, _flags = self._opened(box)
        (sizes,) = reader.unpack(">H")
        offset_bytes, length_bytes, base_bytes, index_bytes = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
        wide = "I" if version >= _WIDE_IDS else "H"
        (count,) = reader.unpack(f">{wide}")
        for _ in range(count):
            (number,) = reader.unpack(f">{wide}")
            method = reader.unpack(">H")[0] & 15 if version else _IN_FILE
            reader.skip(2)
            base = int.from_bytes(reader.take(base_bytes), "big")
            (pieces,) = reader.unpack(">H")
            item = self._item(number)
            self._entries.spend(pieces)
            for _ in range(pieces):
                reader.skip(index_bytes if version else 0)
                offset = base + int.from_bytes(reader.take(offset_bytes), "big")
                length = int.from_bytes(reader.take(length_bytes), "big")
                self._place(item, method, offset, length)

    def _place(self, item: Item, method: int, offset: int, length: int) -> None:
        idat = self._parts.get(b"idat")
        start, end = (idat.start, idat.end) if method == _IN_IDAT and idat else (0, len(self._source))
        item.is_cut |= start + offset + length > end
        at = min(start + offset, end)
        item.extents.append((at, min(at + length, end) if length else end))

    def _read_references(self, box: Box) -> None:
        reader, version, _flags = self._opened(box)
        number = "I" if version else "H"
        for entry in boxes(self._source, reader.at, box.end):
            inner = Reader(self._source, entry.start)
            of, count = inner.unpack(f">{number}H")
            self._entries.spend(count)
            targets = inner.unpack(f">{count}{number}")
            if of == self._primary and entry.kind in _BELONGS:
                self._demotions.append((entry.start - 4, _NO_KIND))
                continue
            if entry.kind == b"dimg":
                self._item(of).made_of.extend(targets)
            elif entry.kind == b"auxl":
                for target in targets:
                    self._masks.setdefault(target, []).append(of)

    def _read_properties(self, box: Box) -> None:
        parts = list(boxes(self._source, box.start, box.end))
        described = [
            each for part in parts if part.kind == b"ipco" for each in boxes(self._source, part.start, part.end)
        ]
        for part in parts:
            if part.kind == b"ipma":
                self._read_associations(part, described)

    def _read_associations(self, box: Box, described: list[Box]) -> None:
        reader, version, flags = self._opened(box)
        (count,) = reader.unpack(">I")
        for _ in range(count):
            (number,) = reader.unpack(">I" if version else ">H")
            item = self._item(number)
            for _ in range(reader.byte()):
                self._entries.spend()
                at, width = reader.at, 2 if flags & 1 else 1
                index = int.from_bytes(reader.take(width), "big") & (1 << 8 * width - 1) - 1
                if 0 < index <= len(described):
                    item.properties.append(described[index - 1])
                    item.stated_at.append((at, width))
