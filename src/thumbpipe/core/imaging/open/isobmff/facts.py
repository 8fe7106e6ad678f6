"""What the headers of an AVIF or HEIC say, and whether the streams in it agree with them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Final

from thumbpipe.core.imaging.errors import DamagedError, EndsTooEarlyError
from thumbpipe.core.imaging.open.isobmff import av1, hevc
from thumbpipe.core.imaging.open.isobmff.boxes import Box, boxes
from thumbpipe.core.imaging.open.isobmff.budget import Budget
from thumbpipe.core.imaging.open.isobmff.clean_aperture import Aperture
from thumbpipe.core.imaging.open.isobmff.exif_items import broken_exif
from thumbpipe.core.imaging.open.isobmff.items import Item, Items, read_items
from thumbpipe.core.imaging.open.isobmff.tracks import announced_sizes, av1_streams, codecs, is_deep
from thumbpipe.core.imaging.open.isobmff.transforms import Transforms, read_step

Size = tuple[int, int]

_ONCE: Final = frozenset({b"meta", b"moov"})
_WIDE_ENTRY: Final = 3
_ITEM_ENTRY: Final = b"infe"
_SIZE: Final = b"ispe"
_SIZE_BYTES: Final = 16
_AV1: Final = frozenset({b"av01"})
_HEVC: Final = frozenset({b"hvc1", b"hev1"})
_DERIVED: Final = frozenset({b"grid", b"iovl"})
_TURNS: Final = frozenset({b"irot", b"imir"})
_APERTURE_BYTES: Final = 32
_MAX_DEPTH: Final = 8
_MAX_UNITS: Final = 200_000
_OVERLAY_HEAD: Final = 10  # version, flags, and a background of four samples
_WILDLY: Final = 4
_SMALL_PX: Final = 64  # the largest block: a codec pads small pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class IsoFacts:
    """What is known about an AVIF or HEIC before anything is decoded.

    Attributes:
        sizes: Of the largest image, and of the one with the longest edge: the whole, a tile or an alpha plane, by its
            header or by its stream.
        decoded_pixels: Of all tiles that make up the image, each counted as often as it is decoded.
        codec: The type of the item or track that the image is coded in, such as `av01` or `hvc1`.
        kind: The type of the primary item: its codec's, or that of its derivation.
        has_still: Whether the image is an item, rather than a track.
        is_deep: Whether the samples of a sequence have more than eight bits.
        has_track: Whether there is a sequence.
        broken_exif: Offsets in the file of the types of Exif items whose payload is not Exif.
        unreadable_names: Start and end of the item types and names that are not UTF-8.
        demotions: Where the file says that the primary item is hidden or belongs to another, and what to write there.
        contradiction: What the headers and the streams disagree about.
        aperture: The clean aperture of the primary item.
        transforms: All its transformations, if decoders would not apply them in its order.
        cicp: Primaries, transfer, matrix and range of the primary item's colours.
    """

    sizes: tuple[Size, Size]
    decoded_pixels: int
    codec: bytes
    kind: bytes
    has_still: bool
    has_track: bool
    is_deep: bool
    broken_exif: tuple[int, ...]
    unreadable_names: tuple[tuple[int, int], ...]
    demotions: tuple[tuple[int, bytes], ...]
    contradiction: str | None
    aperture: Aperture | None
    transforms: Transforms | None
    cicp: tuple[int, int, int, int] | None


def read_iso(source: bytes, max_frames: int) -> IsoFacts:
    """Read the headers, and check that the top-level boxes are complete, which the decoders do not.

    Args:
        source: The whole file.
        max_frames: Frames above it need not be read.

    Raises:
        EndsTooEarlyError: A box is truncated.
        DamagedError: A header is damaged, or would take too long to read.
    """
    survey, seen = _Survey(source), set()
    for box in boxes(source, 0, len(source)):
        if box.kind in _ONCE and box.kind in seen:
            raise DamagedError(f"it has two {box.kind.decode()} boxes")
        seen.add(box.kind)
        if box.kind == b"meta":
            survey.add_items(box)
        elif box.kind == b"moov":
            survey.add_tracks(box, max_frames)
    return survey.facts()


class _Survey:
    """Collects what the boxes say."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._sizes: list[Size] = [(1, 1)]
        self._contradiction: str | None = None
        self._read: dict[object, Size] = {}
        self._codec = self._track_codec = b""
        self._is_deep = False
        self._broken_exif: list[int] = []
        self._demotions: list[tuple[int, bytes]] = []
        self._unreadable_names: list[tuple[int, int]] = []
        self._pixels = 0
        self._shown: Item | None = None
        self._described: list[Box] = []
        # As a rule, each byte belongs to one item.
        self._bytes = Budget(2 * len(source), "bytes in its items")
        self._units = Budget(_MAX_UNITS, "units in its streams")

    def add_items(self, meta: Box) -> None:
        self._sizes += _announced_sizes(self._source, meta)
        items = read_items(self._source, meta)
        if any(items.by_id[number].is_cut for number in items.decoded()):
            raise EndsTooEarlyError
        coded = {number: self._coded_size(items.by_id[number]) for number in items.decoded()}
        for number, size in coded.items():
            self._add_coded(items.by_id[number], size)
        self._pixels = max(self._pixels, _decoded_pixels(items, coded))
        self._codec = self._codec or items.codec()
        self._shown = self._shown or items.by_id.get(items.primary)
        self._broken_exif += broken_exif(self._source, meta, items)
        self._demotions += items.demotions
        self._unreadable_names += _unreadable_names(self._source, meta)
        if self._shown and not self._described:
            # Cameras describe the colours of a grid only at its tiles.
            first = items.by_id.get(self._shown.made_of[0]) if self._shown.made_of else None
            self._described = [*self._shown.properties, *(first.properties if first else ())]

    def _add_coded(self, item: Item, size: Size) -> None:
        self._sizes.append(size)
        announced = self._announced(item)
        if announced is None or size == (1, 1):
            return
        if any(have > _WILDLY * max(said, _SMALL_PX) for have, said in zip(size, announced, strict=True)):
            (width, height), (said_width, said_height) = size, announced
            self._contradiction = (
                f"its header says {said_width:,} x {said_height:,} px, its stream {width:,} x {height:,}"
            )

    def _coded_size(self, item: Item) -> Size:
        """Return the largest size in an item's stream; 1 x 1 if it has none. Items may share a stream."""
        key = (item.kind, tuple(item.extents), item.property(b"av1C"), item.property(b"hvcC"))
        if key not in self._read:
            self._read[key] = self._read_coded_size(item)
        return self._read[key]

    def _read_coded_size(self, item: Item) -> Size:
        sizes: list[Size] = [(1, 1)]
        if item.kind in _AV1:
            streams = self._content(item.property(b"av1C"))[4:], item.data(self._source, self._bytes)
            sizes += av1.coded_sizes(streams, self._units)
        elif item.kind in _HEVC:
            box = self._content(item.property(b"hvcC"))
            sizes += hevc.coded_sizes(hevc.configured_units(box, self._units) if box else iter(()))
            stream = item.data(self._source, self._bytes)
            sizes += hevc.coded_sizes(hevc.units(stream, hevc.length_bytes(box), self._units))
        elif item.kind in _DERIVED:
            sizes.append(_derived_size(item.kind, item.data(self._source, self._bytes)))
        return max(sizes, key=prod)

    def _content(self, box: Box | None) -> bytes:
        return self._source[box.start : box.end] if box else b""

    def _announced(self, item: Item) -> Size | None:
        box = item.property(_SIZE)
        if box is None or box.end - box.start < _SIZE_BYTES - 4:
            return None
        width, height = struct.unpack(">II", self._source[box.start + 4 : box.start + 12])
        return width, height

    def add_tracks(self, movie: Box, max_frames: int) -> None:
        self._is_deep = any(is_deep(self._source, movie))
        self._track_codec = next(codecs(self._source, movie), b"")
        self._sizes += announced_sizes(self._source, movie)
        self._sizes += av1.coded_sizes(av1_streams(self._source, movie, max_frames + 1), self._units)

    def facts(self) -> IsoFacts:
        transforms = self._transforms()
        return IsoFacts(
            sizes=(max(self._sizes, key=prod), max(self._sizes, key=max)),
            decoded_pixels=self._pixels,
            codec=self._codec or self._track_codec,
            kind=self._shown.kind if self._shown else b"",
            has_still=bool(self._codec),
            is_deep=self._is_deep,
            has_track=bool(self._track_codec),
            broken_exif=tuple(self._broken_exif),
            unreadable_names=tuple(self._unreadable_names),
            demotions=tuple(self._demotions),
            contradiction=self._contradiction,
            aperture=None if transforms else self._aperture(),
            transforms=transforms,
            cicp=self._cicp(),
        )

    def _aperture(self) -> Aperture | None:
        properties = self._shown.properties if self._shown else []
        size = self._announced(self._shown) if self._shown else None
        if size is None:
            return None
        for index, box in enumerate(properties):
            if box.kind == b"clap" and box.end - box.start >= _APERTURE_BYTES:
                turns = [
                    (turn.kind, self._source[turn.start] & (3 if turn.kind == b"irot" else 1))
                    for turn in properties[index + 1 :]
                    if turn.kind in _TURNS and turn.end > turn.start
                ]
                numbers = struct.unpack(">8i", self._source[box.start : box.start + _APERTURE_BYTES])
                return Aperture(numbers=numbers, at=box.start, size=size, turns=tuple(turns))
        return None

    def _transforms(self) -> Transforms | None:
        """Read the transformations, unless they are in the usual order: one aperture, then turns."""
        item = self._shown or Item()
        stated = zip(item.properties, item.stated_at, strict=True)
        steps = [(read_step(box.kind, self._source[box.start : box.end]), at) for box, at in stated]
        done = [(step, at) for step, at in steps if step]
        kinds = [step[0] for step, _ in done]
        if b"clap" not in kinds or (kinds[0] == b"clap" and kinds.count(b"clap") == 1):
            return None
        return Transforms(steps=tuple(step for step, _ in done), stated_at=tuple(at for _, at in done))

    def _cicp(self) -> tuple[int, int, int, int] | None:
        for box in self._described:
            content = self._source[box.start : min(box.end, box.start + 11)]
            if box.kind == b"colr" and content[:4] == b"nclx" and len(content) == 11:  # noqa: PLR2004 - the length of an nclx
                primaries, transfer, matrix, flags = struct.unpack(">HHHB", content[4:])
                return primaries, transfer, matrix, flags >> 7
        return None


def _derived_size(kind: bytes, data: bytes) -> Size:
    at = 4 if kind == b"grid" else _OVERLAY_HEAD
    layout = ">II" if data[1:2] and data[1] & 1 else ">HH"
    try:
        width, height = struct.unpack_from(layout, data, at)
    except struct.error as error:
        raise DamagedError("a grid is damaged") from error
    return width, height


def _decoded_pixels(items: Items, coded: dict[int, Size]) -> int:
    """Count the pixels of everything that the shown picture is made of; alpha is a separate picture."""
    known: dict[int, int] = {}

    def count(number: int, depth: int) -> int:
        if depth > _MAX_DEPTH:
            raise DamagedError("its pictures are nested too deeply")
        item = items.by_id.get(number)
        if item is None:
            return 0
        if number not in known:
            masks = (count(mask, depth + 1) for mask in items.masks.get(number, ()))
            parts = sum(count(part, depth + 1) for part in item.made_of) or prod(coded[number])
            known[number] = max(parts, *masks, 0)
        return known[number]

    return count(items.primary, 0)


def _announced_sizes(source: bytes, meta: Box) -> Iterator[Size]:
    at = source.find(_SIZE, meta.start, meta.end)
    while 0 <= at <= len(source) - _SIZE_BYTES:
        width, height = struct.unpack(">II", source[at + 8 : at + _SIZE_BYTES])
        yield width, height
        at = source.find(_SIZE, at + 4, meta.end)


def _unreadable_names(source: bytes, meta: Box) -> Iterator[tuple[int, int]]:
    """Find what crashes pi_heif 1.4.0 (SIGSEGV): an item whose type or name is not UTF-8."""
    at = source.find(_ITEM_ENTRY, meta.start, meta.end)
    while at >= 0:
        length = int.from_bytes(source[at - 4 : at], "big")
        start, end = at + (14 if source[at + 4] >= _WIDE_ENTRY else 12), at - 4 + length
        try:
            source[start:end].decode()
        except UnicodeDecodeError:
            yield start, min(end, meta.end)
        at = source.find(_ITEM_ENTRY, at + 4, meta.end)
