"""The delivery of one photo: from the news that it was stored to its renditions and its catalog entry.

News arrives at least once and in any order, and the process may die between any two lines. Each step can therefore be
repeated, and whoever finds that its photo was replaced or deleted clears away what it made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from thumbpipe.core.catalog.catalog import Catalog, SupersededError
from thumbpipe.core.catalog.ids import ids_of
from thumbpipe.core.catalog.image import Failure, Image, State, StoredRendition
from thumbpipe.core.catalog.object_keys import filename_of, rendition_key
from thumbpipe.core.delivery.object_store import NewObject, ObjectNotFoundError, ObjectStore
from thumbpipe.core.delivery.photo_event import PhotoEvent
from thumbpipe.core.delivery.sweep import sweep
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import Rendered, render


class Outcome(StrEnum):
    """How the news of a photo ended."""

    READY = "ready"
    FAILED = "failed"
    REPEATED = "repeated"
    """It was dealt with before."""
    SUPERSEDED = "superseded"
    """A newer photo is under the same key."""
    GONE = "gone"
    """The photo was deleted before or while it was processed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The end of one photo's delivery; `image` is the entry that was written, if one was."""

    outcome: Outcome
    image_id: str
    image: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What delivers photos.

    Args:
        store: The image bucket.
        catalog: The entries.
        recipe: Which renditions are made.
        limits: What is refused.
        clock: Tells the time, in UTC.
    """

    store: ObjectStore
    catalog: Catalog
    recipe: Recipe
    limits: Limits
    clock: Callable[[], datetime]

    def process(self, news: PhotoEvent) -> Delivered:
        """Make one photo's renditions and its entry; a photo that is none is recorded as failed."""
        image_id, entry = self._entry(news.source.key)
        if entry is not None and entry.sequencer is not None and entry.sequencer >= news.sequencer:
            return self._again(news, entry)
        try:
            image, files = self._make(news, image_id, entry)
        except ObjectNotFoundError:
            sweep(self.store, image_id, news.source, keep=entry.version if entry else "")
            return Delivered(outcome=Outcome.GONE, image_id=image_id)
        stored = self.store.put(files)
        try:
            replaced = self.catalog.settle(image)
        except SupersededError:
            winner = self.catalog.get(image_id)
            if winner is not None and winner.source_key != image.source_key:
                # Another photo took the id meanwhile. Only here it is known which files in its folder are not its own.
                self.store.remove(stored)
            return self.process(news)
        if replaced is not None and replaced.sequencer is not None:
            sweep(self.store, image_id, news.source, keep=image.version)
        return self._confirm(news, image, Outcome(image.state))

    def _entry(self, key: str) -> tuple[str, Image | None]:
        entries = ((image_id, self.catalog.get(image_id)) for image_id in ids_of(key))
        return next((image_id, entry) for image_id, entry in entries if entry is None or entry.source_key == key)

    def _again(self, news: PhotoEvent, entry: Image) -> Delivered:
        # From the entry's photo on, not from this one: a photo between the two may have left a folder like this one's.
        shown = replace(news.source, version_id=entry.source_version_id or "", etag=entry.source_etag or "")
        sweep(self.store, entry.id, shown, keep=entry.version)
        if entry.sequencer == news.sequencer:
            return self._confirm(news, entry, Outcome.REPEATED)
        return Delivered(outcome=Outcome.SUPERSEDED, image_id=entry.id)

    def _confirm(self, news: PhotoEvent, image: Image, outcome: Outcome) -> Delivered:
        """Take the result back if the photo was deleted meanwhile: its deletion may have run before our writes."""
        try:
            self.store.content_type(news.source)
        except ObjectNotFoundError:
            sweep(self.store, image.id, news.source, keep="")
            self.catalog.remove(image)
            return Delivered(outcome=Outcome.GONE, image_id=image.id)
        return Delivered(outcome=outcome, image_id=image.id, image=image)

    def _make(self, news: PhotoEvent, image_id: str, entry: Image | None) -> tuple[Image, list[NewObject]]:
        try:
            self.limits.check_bytes(news.size_bytes)
        except InvalidImageError as error:
            unseen = self._blank(news, image_id, entry, self.store.content_type(news.source))
            return _failed(unseen, error), []
        source = self.store.get(news.source)
        blank = self._blank(news, image_id, entry, source.content_type)
        try:
            rendered = render(source.data, self.recipe, self.limits)
        except InvalidImageError as error:
            return _failed(blank, error), []
        files = _files(blank, rendered)
        return _ready(blank, rendered, files), files

    def _blank(self, news: PhotoEvent, image_id: str, entry: Image | None, content_type: str) -> Image:
        """The entry as far as it is known without looking into the photo."""
        return Image(
            id=image_id,
            state=State.FAILED,
            filename=filename_of(news.source.key) if entry is None else entry.filename,
            content_type=content_type,
            size_bytes=news.size_bytes,
            created_at=news.time if entry is None else entry.created_at,
            source_key=news.source.key,
            source_version_id=news.source.version_id,
            source_etag=news.source.etag,
            sequencer=news.sequencer,
            processed_at=self.clock(),
        )


def _failed(blank: Image, error: InvalidImageError) -> Image:
    return replace(blank, error=Failure(code=error.code, message=error.message))


def _files(image: Image, rendered: Rendered) -> list[NewObject]:
    version = image.version
    return [
        NewObject(
            key=rendition_key(image.id, version, each.width, each.format.extension),
            data=each.data,
            content_type=each.format.content_type,
        )
        for each in rendered.renditions
    ]


def _ready(blank: Image, rendered: Rendered, files: Sequence[NewObject]) -> Image:
    facts = rendered.facts
    renditions = tuple(
        StoredRendition(width=each.width, height=each.height, format=each.format, key=file.key, bytes=len(file.data))
        for each, file in zip(rendered.renditions, files, strict=True)
    )
    return replace(
        blank,
        state=State.READY,
        width=facts.width,
        height=facts.height,
        format=facts.format,
        frames=facts.frames,
        placeholder=rendered.placeholder,
        renditions=renditions,
    )
