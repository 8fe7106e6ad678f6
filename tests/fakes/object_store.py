from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from itertools import count

from thumbpipe.core.delivery.object_store import NewObject, ObjectNotFoundError, ObjectVersion, StoredObject


@dataclass(kw_only=True)
class FakeObjectStore:
    """A bucket with versioning.

    Attributes:
        before: Called before each effect with its name; may raise, or change the world.
        objects: By version, in the order of their storing; None for a delete marker.
    """

    before: Callable[[str], None] = lambda _name: None
    objects: dict[ObjectVersion, StoredObject | None] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def get(self, source: ObjectVersion) -> StoredObject:
        self.before("get")
        found = self._find(source)
        if found is None:
            raise ObjectNotFoundError(source.key)
        return found

    def content_type(self, source: ObjectVersion) -> str:
        self.before("content_type")
        found = self._find(source)
        if found is None:
            raise ObjectNotFoundError(source.key)
        return found.content_type

    def put(self, files: Sequence[NewObject]) -> tuple[ObjectVersion, ...]:
        return tuple(self._put(file) for file in files)

    def _put(self, file: NewObject) -> ObjectVersion:
        self.before("put")
        return self.store(file.key, file.data, file.content_type)

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        self.before("versions")
        listed: list[ObjectVersion] = []
        for version in reversed(self.objects):
            if version.key.startswith(prefix):
                insort(listed, version, key=lambda each: (each.key, each.etag == ""))
        return iter(listed)

    def remove(self, versions: Iterable[ObjectVersion]) -> None:
        for version in versions:
            self.before("remove")
            self.objects = {
                kept: stored
                for kept, stored in self.objects.items()
                if (kept.key, kept.version_id) != (version.key, version.version_id)
            }

    def store(self, key: str, data: bytes, content_type: str = "image/png") -> ObjectVersion:
        """Store a file as another client does."""
        etag = md5(data, usedforsecurity=False).hexdigest()
        version = ObjectVersion(key=key, version_id=f"v{next(self._numbers)}", etag=etag)
        self.objects[version] = StoredObject(data=data, content_type=content_type)
        return version

    def hide(self, key: str) -> None:
        """Delete a key the plain way, which leaves a delete marker."""
        self.objects[ObjectVersion(key=key, version_id=f"v{next(self._numbers)}", etag="")] = None

    def current(self, prefix: str = "") -> dict[str, StoredObject]:
        """Return what a reader without version ids sees."""
        seen = {version.key: stored for version, stored in self.objects.items() if version.key.startswith(prefix)}
        return {key: stored for key, stored in seen.items() if stored is not None}

    def _find(self, source: ObjectVersion) -> StoredObject | None:
        for version, stored in self.objects.items():
            if (version.key, version.version_id) == (source.key, source.version_id):
                return stored
        return None
