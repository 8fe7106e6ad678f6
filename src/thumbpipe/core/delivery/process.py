"""Process one S3 event: from a stored photo to its renditions and its catalog entry.

Events arrive at least once and in any order, and the process may end between any two lines. So each step can be
repeated, and a run that finds its photo replaced or deleted removes what it has stored.

What an event does depends on what the catalog holds for its photo:

- nothing, or a pending entry: the photo is rendered, and the result becomes the entry;
- an older event's result: the same, and the renditions of the photo that was replaced are removed;
- this event's result, or a newer one's: nothing changes, even if S3 no longer has this version of the photo. Lifecycle
  rules remove versions, too; only `delete_image` deletes an image;
- a provisional result of this event: the photo is rendered again;
- a deletion whose upload form was still valid when the photo was stored: the photo is removed as well;
- any other deletion: the photo is a new one, if it exists.

If S3 does not have the photo and there is no result for it, nothing changes either.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from thumbpipe.core.catalog.catalog import Catalog, IdTakenError, SupersededError
from thumbpipe.core.catalog.deletion import Deletion
from thumbpipe.core.catalog.ids import candidate_ids
from thumbpipe.core.catalog.image import PROCESSING_FAILED, Failure, Image, State, StoredRendition
from thumbpipe.core.catalog.object_keys import filename_of, rendition_key
from thumbpipe.core.delivery.object_store import NewObject, ObjectNotFoundError, ObjectStore
from thumbpipe.core.delivery.photo_event import PhotoEvent
from thumbpipe.core.delivery.sweep import sweep
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import Rendered, render

_NOT_PROCESSED: Final = Failure(
    code=PROCESSING_FAILED,
    message="The photo could not be processed: no attempt ended within the available time and memory.",
)


class Outcome(StrEnum):
    """How processing one S3 event ended."""

    READY = "ready"
    FAILED = "failed"
    REPEATED = "repeated"
    """Duplicate delivery."""
    SUPERSEDED = "superseded"
    """A newer photo is stored under the same key."""
    GONE = "gone"
    """The photo was deleted, or has expired, before it was processed."""


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
        limits: The most that a photo may cost.
        clock: Returns the time, in UTC.
    """

    store: ObjectStore
    catalog: Catalog
    recipe: Recipe
    limits: Limits
    clock: Callable[[], datetime]

    def process(self, event: PhotoEvent) -> ProcessingResult:
        """Make a photo's renditions and its entry; a file that cannot be rendered is recorded as failed."""
        image_id, found = self._find(event.source.key)
        if isinstance(found, Deletion) and found.covers(event.time):
            return self._discard(event, image_id)
        if isinstance(found, Image) and _is_covered(event, found):
            return self._skip(event, found)
        try:
            image, files = self._make(event, image_id, found)
        except ObjectNotFoundError:
            sweep(self.store, image_id, event.source, keep=found.version if isinstance(found, Image) else "")
            return ProcessingResult(outcome=Outcome.GONE, image_id=image_id)
        stored = self.store.put(files)
        try:
            self._record(event, image)
        except IdTakenError:
            # Another photo took the id meanwhile. Only this run knows which files in its folder are not its own.
            self.store.remove(stored)
            return self.process(event)
        except SupersededError:
            return self.process(event)
        return self._confirm(event, image, Outcome(image.state))

    def expect_failure(self, event: PhotoEvent) -> None:
        """Record that a photo could not be processed, before the last attempt to do so.

        An attempt that needs too much time or memory is killed, and can record nothing. If the last one succeeds, its
        result replaces this one.
        """
        image_id, found = self._find(event.source.key)
        if isinstance(found, Deletion) or (found is not None and _is_covered(event, found)):
            return
        try:
            content_type = self.store.content_type(event.source)
            image = self._unrendered(event, image_id, found, content_type)
            self._record(event, replace(image, error=_NOT_PROCESSED))
        except (ObjectNotFoundError, SupersededError):
            return  # the attempt finds out why

    def is_processed(self, event: PhotoEvent) -> bool:
        """Say whether nothing has to be rendered for an event, because it or a newer one was processed."""
        _, found = self._find(event.source.key)
        return isinstance(found, Image) and _is_covered(event, found)

    def _find(self, key: str) -> tuple[str, Image | Deletion | None]:
        """Find a photo's id and what the catalog holds for it: the id that it already has, else the first free one."""
        free: list[str] = []
        for image_id in candidate_ids(key):
            found = self.catalog.find(image_id)
            if found is None:
                free.append(image_id)
            elif found.source_key == key:
                return image_id, found
        return free[0], None

    def _record(self, event: PhotoEvent, image: Image) -> None:
        """Write an entry, and remove the renditions of the photo that it replaces.

        Raises:
            SupersededError: There is a newer one.
        """
        replaced = self.catalog.record(image)
        if replaced is not None and replaced.sequencer is not None:
            sweep(self.store, image.id, event.source, keep=image.version)

    def _skip(self, event: PhotoEvent, entry: Image) -> ProcessingResult:
        """Change nothing for an event that the entry already covers, but remove what an earlier run may have left."""
        # Relative to the entry's photo, not to this one: a photo stored between the two may have left renditions, too.
        current = replace(event.source, version_id=entry.source_version_id or "", etag=entry.source_etag or "")
        sweep(self.store, entry.id, current, keep=entry.version)
        if entry.sequencer == event.sequencer:
            return self._confirm(event, entry, Outcome.REPEATED)
        return ProcessingResult(outcome=Outcome.SUPERSEDED, image_id=entry.id)

    def _confirm(self, event: PhotoEvent, image: Image, outcome: Outcome) -> ProcessingResult:
        """Undo the result if the image was deleted meanwhile: its deletion may have run before our writes.

        A photo that still exists was stored after the deletion had removed all others, or the deletion is still running
        and will find the entry. Without a deletion the photo is not checked: a missing one has expired.
        """
        deletion = self.catalog.deletion(image.id)
        if (
            deletion is None
            or deletion.token == image.preceding_deletion
            or (self._is_stored(event) and not deletion.covers(event.time))
        ):
            return ProcessingResult(outcome=outcome, image_id=image.id, image=image)
        self.catalog.remove(image)
        return self._discard(event, image.id)

    def _is_stored(self, event: PhotoEvent) -> bool:
        try:
            self.store.content_type(event.source)
        except ObjectNotFoundError:
            return False
        return True

    def _discard(self, event: PhotoEvent, image_id: str) -> ProcessingResult:
        """Remove a photo of a deleted image, and what an earlier run may have left of it."""
        sweep(self.store, image_id, event.source, keep="")
        self.store.remove([event.source])
        return ProcessingResult(outcome=Outcome.GONE, image_id=image_id)

    def _make(self, event: PhotoEvent, image_id: str, found: Image | Deletion | None) -> tuple[Image, list[NewObject]]:
        """Make an entry and the files of its renditions; a failed image has none.

        Raises:
            ObjectNotFoundError: The photo is gone.
        """
        try:
            self.limits.check_bytes(event.size_bytes)
        except InvalidImageError as error:
            content_type = self.store.content_type(event.source)
            return _failed(self._unrendered(event, image_id, found, content_type), error), []
        source = self.store.get(event.source)
        image = self._unrendered(event, image_id, found, source.content_type)
        try:
            rendered = render(source.data, self.recipe, self.limits)
        except InvalidImageError as error:
            return _failed(image, error), []
        files = _files(image, rendered)
        return _ready(image, rendered, files), files

    def _unrendered(self, event: PhotoEvent, image_id: str, found: Image | Deletion | None, content_type: str) -> Image:
        """Make the entry as far as it is known without opening the photo."""
        entry, token = found if isinstance(found, Image) else None, _token_of(found)
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
            upload_expires_at=None if entry is None else entry.form_ends_at,
            preceding_deletion=token,
        )


def _is_covered(event: PhotoEvent, entry: Image) -> bool:
    """Say whether an entry is an event's result, or a newer one's."""
    if entry.sequencer is None or entry.sequencer < event.sequencer:
        return False
    return entry.sequencer > event.sequencer or not entry.is_provisional


def _token_of(found: Image | Deletion | None) -> str | None:
    """Return the token of the known deletion; an entry holds that of the deletion before it."""
    if isinstance(found, Deletion):
        return found.token
    return None if found is None else found.preceding_deletion


def _failed(image: Image, error: InvalidImageError) -> Image:
    return replace(image, error=Failure(code=error.code, message=error.message))


def _files(image: Image, rendered: Rendered) -> list[NewObject]:
    version = image.version
    return [
        NewObject(
            content_type=each.format.content_type,
            key=rendition_key(image.id, version, each.width, each.format.extension),
            data=each.data,
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
