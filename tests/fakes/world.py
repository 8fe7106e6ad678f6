"""A bucket, a catalog and a photo processor in memory, and the invariants that must hold in the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image as Pillow

from fakes.catalog import FakeCatalog
from fakes.object_store import FakeObjectStore
from fakes.values import NOON
from thumbpipe.core.catalog.image import Image, State
from thumbpipe.core.delivery.delete import delete_image
from thumbpipe.core.delivery.photo_event import PhotoEvent, comparable_sequencer
from thumbpipe.core.delivery.process import PhotoProcessor, ProcessingResult
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe


def _nothing(_effect: str) -> None:
    pass


@dataclass(kw_only=True)
class World:
    """Everything that processing an event touches.

    Attributes:
        before: Called before each effect on the world with its name; may raise or change the world.
    """

    before: Callable[[str], None] = _nothing
    store: FakeObjectStore = field(init=False)
    catalog: FakeCatalog = field(init=False)
    processor: PhotoProcessor = field(init=False)
    now: datetime = NOON
    uploads: int = 0

    def __post_init__(self) -> None:
        self.store = FakeObjectStore(before=lambda effect: self.before(effect))  # noqa: PLW0108 - looked up at each call
        self.catalog = FakeCatalog(before=lambda effect: self.before(effect))  # noqa: PLW0108 - looked up at each call
        self.processor = PhotoProcessor(
            store=self.store,
            catalog=self.catalog,
            recipe=Recipe(widths=(8, 16)),
            limits=Limits(max_bytes=5000),
            clock=self.tick,
        )

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def upload(self, key: str, data: bytes) -> PhotoEvent:
        """Store a photo and return S3's event about it."""
        self.uploads += 1
        return PhotoEvent(
            source=self.store.store(key, data),
            size_bytes=len(data),
            sequencer=comparable_sequencer(f"{self.uploads:04X}"),
            time=self.tick(),
        )

    def process(self, event: PhotoEvent) -> ProcessingResult:
        return self.processor.process(event)

    def delete(self, image_id: str) -> None:
        delete_image(image_id, store=self.store, catalog=self.catalog)

    def assert_true(self) -> None:
        """Every photo has its entry, every entry its photo and its renditions, and there is nothing else."""
        photos = {key: stored for key, stored in self.store.current().items() if key.startswith("raw/")}
        newest = {version.key: version for version in self.store.objects if version.key.startswith("raw/")}
        entries = {entry.source_key: entry for entry in self.catalog.entries.values()}
        assert set(entries) == set(photos)
        renditions = set()
        for key, entry in entries.items():
            assert (entry.source_version_id, entry.source_etag) == (newest[key].version_id, newest[key].etag)
            assert entry.state is not State.PENDING
            for rendition in entry.renditions:
                renditions.add(rendition.key)
                stored = self.store.current()[rendition.key].data
                assert len(stored) == rendition.bytes
                assert _colour(stored) == _colour(photos[key].data)
            assert bool(entry.renditions) == (entry.state is State.READY)
        assert {version.key for version in self.store.objects if version.key.startswith("thumbs/")} == renditions

    def assert_empty(self) -> None:
        """Nothing is left of anything."""
        assert self.store.objects == {}
        assert self.catalog.entries == {}

    def entry(self) -> Image:
        """The only entry."""
        (entry,) = self.catalog.entries.values()
        return entry


def _colour(file: bytes) -> tuple[bool, ...]:
    """A picture's colour, as far as JPEG keeps it."""
    with Pillow.open(BytesIO(file)) as picture:
        pixel = picture.convert("RGB").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return tuple(level > 127 for level in pixel)
