"""Process one S3 event: from a stored photo to its renditions and its catalog entry.

Events arrive at least once and in any order, and the process may end between any two lines. So each step can be
repeated, and a run that finds its photo replaced or deleted removes what it has stored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from thumbpipe.core.catalog.catalog import Catalog, IdTakenError, SupersededError
from thumbpipe.core.catalog.ids import candidate_ids
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
    """How processing one S3 event ended."""

    READY = "ready"
    FAILED = "failed"
    REPEATED = "repeated"
    """Duplicate delivery."""
    SUPERSEDED = "superseded"
    """A newer photo is stored under the same key."""
    GONE = "gone"
    """The photo was deleted before it was processed, or meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingResult:
    """Result of processing one S3 event.

    Attributes:
        outcome: How it ended.
        image_id: The image's id.
        image: Its catalog entry, if this run or an earlier delivery of the event has written it.
    """

    outcome: Outcome
    image_id: str
    image: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoProcessor:
    """Processes S3 events.

    Attributes:
        store: The image bucket.
        catalog: The catalog.
        recipe: Which renditions are made.
        limits: What is refused.
        clock: Tells the time, in UTC.
    """

    store: ObjectStore
    catalog: Catalog
    recipe: Recipe
    limits: Limits
    clock: Callable[[], datetime]

    def process(self, event: PhotoEvent) -> ProcessingResult:
        """Make a photo's renditions and its entry; a file that cannot be rendered is recorded as failed."""
        image_id, entry = self._find_entry(event.source.key)
        if entry is not None and entry.sequencer is not None and entry.sequencer >= event.sequencer:
            return self._skip(event, entry)
        try:
            image, files = self._make(event, image_id, entry)
        except ObjectNotFoundError:
            sweep(self.store, image_id, event.source, keep=entry.version if entry else "")
            return ProcessingResult(outcome=Outcome.GONE, image_id=image_id)
        stored = self.store.put(files)
        try:
            replaced = self.catalog.record(image)
        except IdTakenError:
            # Another photo took the id meanwhile. Only here is it known which files in its folder are not its own.
            self.store.remove(stored)
            return self.process(event)
        except SupersededError:
            return self.process(event)
        if replaced is not None and replaced.sequencer is not None:
            sweep(self.store, image_id, event.source, keep=image.version)
        return self._confirm(event, image, Outcome(image.state))

    def _find_entry(self, key: str) -> tuple[str, Image | None]:
        """Find a photo's id and its entry, if it has one yet: the first id that no other photo has."""
        entries = ((image_id, self.catalog.get(image_id)) for image_id in candidate_ids(key))
        return next((image_id, entry) for image_id, entry in entries if entry is None or entry.source_key == key)

    def _skip(self, event: PhotoEvent, entry: Image) -> ProcessingResult:
        """Change nothing for an event that the entry already covers, but remove what an earlier run may have left."""
        # Swept from the entry's photo on, not from this one: a photo between the two may have left a folder like this
        # one's.
        current = replace(event.source, version_id=entry.source_version_id or "", etag=entry.source_etag or "")
        sweep(self.store, entry.id, current, keep=entry.version)
        if entry.sequencer == event.sequencer:
            return self._confirm(event, entry, Outcome.REPEATED)
        return ProcessingResult(outcome=Outcome.SUPERSEDED, image_id=entry.id)

    def _confirm(self, event: PhotoEvent, image: Image, outcome: Outcome) -> ProcessingResult:
        """Undo the result if the photo was deleted meanwhile: its deletion may have run before our writes."""
        try:
            self.store.content_type(event.source)
        except ObjectNotFoundError:
            sweep(self.store, image.id, event.source, keep="")
            self.catalog.remove(image)
            return ProcessingResult(outcome=Outcome.GONE, image_id=image.id)
        return ProcessingResult(outcome=outcome, image_id=image.id, image=image)

    def _make(self, event: PhotoEvent, image_id: str, entry: Image | None) -> tuple[Image, list[NewObject]]:
        """Make an entry and the files of its renditions; a failed image has none.

        Raises:
            ObjectNotFoundError: The photo is gone.
        """
        try:
            self.limits.check_bytes(event.size_bytes)
        except InvalidImageError as error:
            content_type = self.store.content_type(event.source)
            return _failed(self._unrendered(event, image_id, entry, content_type), error), []
        source = self.store.get(event.source)
        image = self._unrendered(event, image_id, entry, source.content_type)
        try:
            rendered = render(source.data, self.recipe, self.limits)
        except InvalidImageError as error:
            return _failed(image, error), []
        files = _files(image, rendered)
        return _ready(image, rendered, files), files

    def _unrendered(self, event: PhotoEvent, image_id: str, entry: Image | None, content_type: str) -> Image:
        """Make the entry as far as it is known without opening the photo."""
        return Image(
            id=image_id,
            state=State.FAILED,
            filename=filename_of(event.source.key) if entry is None else entry.filename,
            content_type=content_type,
            size_bytes=event.size_bytes,
            created_at=event.time if entry is None else entry.created_at,
            source_key=event.source.key,
            source_version_id=event.source.version_id,
            source_etag=event.source.etag,
            sequencer=event.sequencer,
            processed_at=self.clock(),
        )


def _failed(image: Image, error: InvalidImageError) -> Image:
    return replace(image, error=Failure(code=error.code, message=error.message))


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


def _ready(image: Image, rendered: Rendered, files: Sequence[NewObject]) -> Image:
    facts = rendered.facts
    renditions = tuple(
        StoredRendition(width=each.width, height=each.height, format=each.format, key=file.key, bytes=len(file.data))
        for each, file in zip(rendered.renditions, files, strict=True)
    )
    return replace(
        image,
        state=State.READY,
        width=facts.width,
        height=facts.height,
        format=facts.format,
        frames=facts.frames,
        placeholder=rendered.placeholder,
        renditions=renditions,
    )
