from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from thumbpipe.core.catalog.catalog import IdTakenError, SupersededError
from thumbpipe.core.catalog.deletion import Deletion
from thumbpipe.core.catalog.image import Image


@dataclass(kw_only=True)
class FakeCatalog:
    """Entries in memory.

    Attributes:
        before: Called before each effect with its name; may raise, or change the world.
    """

    before: Callable[[str], None] = lambda _name: None
    entries: dict[str, Image] = field(default_factory=dict)
    deletions: dict[str, Deletion] = field(default_factory=dict)
    _tokens: Iterator[int] = field(default_factory=count)

    def get(self, image_id: str) -> Image | None:
        self.before("catalog.get")
        return self.entries.get(image_id)

    def find(self, image_id: str) -> Image | Deletion | None:
        self.before("catalog.find")
        return self.entries.get(image_id) or self.deletions.get(image_id)

    def reserve(self, image: Image) -> None:
        self.before("reserve")
        if image.id in self.entries:
            raise IdTakenError(image.id)
        self.entries[image.id] = image

    def deletion(self, image_id: str) -> Deletion | None:
        self.before("catalog.deletion")
        return self.deletions.get(image_id)

    def record(self, image: Image) -> Image | None:
        self.before("record")
        entry = self.entries.get(image.id)
        if entry is None:
            self.entries[image.id] = image
            return None
        newer = entry.sequencer is not None and entry.sequencer >= (image.sequencer or "")
        if entry.source_key != image.source_key:
            raise IdTakenError(image.id)
        same = entry.sequencer == image.sequencer and entry.is_provisional
        if newer and not same:
            raise SupersededError(image.id)
        self.entries[image.id] = replace(
            image,
            filename=entry.filename,
            created_at=entry.created_at,
            upload_expires_at=entry.upload_expires_at or image.upload_expires_at,
        )
        return entry

    def remember_deletion(self, image: Image | Deletion) -> None:
        self.before("remember_deletion")
        image_id = image.image_id if isinstance(image, Deletion) else image.id
        self.deletions[image_id] = Deletion(
            image_id=image_id,
            source_key=image.source_key,
            token=str(next(self._tokens)),
            form_ends_at=image.form_ends_at,
        )

    def remove(self, image: Image) -> bool:
        self.before("catalog.remove")
        entry = self.entries.get(image.id)
        unchanged = entry is not None and entry.sequencer == image.sequencer
        if unchanged:
            del self.entries[image.id]
        return unchanged

    def page(self, *, before: str | None, limit: int, now: datetime) -> list[Image]:
        self.before("page")
        listed = [
            image
            for image in self.entries.values()
            if not image.expired(now) and (before is None or image.sort_key < before)
        ]
        return sorted(listed, key=lambda image: image.sort_key, reverse=True)[:limit]
