from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from thumbpipe.core.catalog.catalog import IdTakenError, SupersededError
from thumbpipe.core.catalog.image import Image


@dataclass(kw_only=True)
class FakeCatalog:
    """Entries in memory.

    Attributes:
        before: Called before each effect with its name; may raise, or change the world.
    """

    before: Callable[[str], None] = lambda _name: None
    entries: dict[str, Image] = field(default_factory=dict)

    def get(self, image_id: str) -> Image | None:
        self.before("catalog.get")
        return self.entries.get(image_id)

    def reserve(self, image: Image) -> None:
        self.before("reserve")
        if image.id in self.entries:
            raise IdTakenError(image.id)
        self.entries[image.id] = image

    def record(self, image: Image) -> Image | None:
        self.before("record")
        entry = self.entries.get(image.id)
        if entry is None:
            self.entries[image.id] = image
            return None
        newer = entry.sequencer is not None and entry.sequencer >= (image.sequencer or "")
        if entry.source_key != image.source_key:
            raise IdTakenError(image.id)
        if newer:
            raise SupersededError(image.id)
        self.entries[image.id] = replace(image, filename=entry.filename, created_at=entry.created_at)
        return entry

    def remove(self, image: Image) -> None:
        self.before("catalog.remove")
        entry = self.entries.get(image.id)
        if entry is not None and entry.sequencer == image.sequencer:
            del self.entries[image.id]

    def page(self, *, before: str | None, limit: int, now: datetime) -> list[Image]:
        self.before("page")
        listed = [
            image
            for image in self.entries.values()
            if not image.expired(now) and (before is None or image.sort_key < before)
        ]
        return sorted(listed, key=lambda image: image.sort_key, reverse=True)[:limit]
