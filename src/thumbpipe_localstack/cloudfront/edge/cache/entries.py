"""The answers that are kept, the least recently used thrown out when they take too much memory."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from thumbpipe_localstack.cloudfront.edge.cache.cache_key import Key
from thumbpipe_localstack.cloudfront.edge.clock import SYSTEM_CLOCK, Clock

_OVERHEAD: Final = 1024  # of an entry's objects, beside its body and headers
_LARGEST_PART: Final = 4  # an entry takes at most this part of the whole: one object must not throw out all others
_WAIT_SECONDS: Final = 120.0  # for another request's answer


@dataclass(slots=True, kw_only=True)
class Entry:
    """A kept answer.

    Attributes:
        key: Its key in the cache.
        asked_path: The viewer's path, where the default root object stands for it.
        status: The origin's status.
        headers: The origin's headers that go to viewers.
        body: As it goes to viewers: compressed where the key says that they take that.
        stored_at: When the origin gave or confirmed it, by the monotonic clock, as are the times below.
        fresh_until: Until then it is served without a question to the origin.
        stale_until: Until then it is served while the origin is asked.
        error_until: Until then it is served if the origin fails; None: without an end.
        may_keep: It goes into the cache; else it is for those alone that wait for it, if for anybody.
        size: The bytes that it takes, nearly.
    """

    key: Key
    asked_path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    stored_at: float
    fresh_until: float
    stale_until: float
    error_until: float | None
    may_keep: bool = True
    etag: str = ""
    last_modified: str = ""
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Count once: an entry in the cache stays as large as it was counted."""
        self.size = len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + _OVERHEAD


@dataclass(slots=True)
class Flight:
    """A request to an origin on its way.

    Attributes:
        version: Of the distribution's contents when it began: after an invalidation its answer must not be kept.
        entry: What came of it, if it can be shared.
    """

    key: Key
    version: int
    entry: Entry | None = None
    _landed: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> Entry | None:
        """Wait for the answer; None if each has to ask for itself."""
        return self.entry if self._landed.wait(_WAIT_SECONDS) else None

    def land(self) -> None:
        """Let those go on that wait."""
        self._landed.set()


class Cache:
    """Answers by key, with what is being fetched for them.

    Args:
        limit: The bytes that it may take.
        clock: By which its answers age.
    """

    def __init__(self, limit: int, clock: Clock = SYSTEM_CLOCK) -> None:
        self.clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._flights: dict[Key, Flight] = {}
        self._versions: dict[str, int] = {}
        self._size = 0

    @property
    def size(self) -> int:
        """The bytes that are taken."""
        return self._size

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """Return an entry, fresh or not."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def begin(self, key: Key) -> Flight:
        """Begin a request to an origin that nobody waits for."""
        with self._lock:
            return Flight(key, self._versions.get(key[0], 0))

    def join(self, key: Key) -> tuple[Flight, bool]:
        """Return the request that is under way for a key, and whether it is the caller who has to make it."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = Flight(key, self._versions.get(key[0], 0))
            return flight, True

    def finish(self, flight: Flight, entry: Entry | None) -> None:
        """End a request: keep its answer if it may be kept, and hand it to those who wait."""
        with self._lock:
            if self._flights.get(flight.key) is flight:
                del self._flights[flight.key]
            if entry is not None and flight.version == self._versions.get(flight.key[0], 0):
                self._drop(entry.key)
                if entry.may_keep and entry.size * _LARGEST_PART <= self._limit:
                    self._store(entry)
        flight.entry = entry
        flight.land()

    def _store(self, entry: Entry) -> None:
        self._entries[entry.key] = entry
        self._size += entry.size
        while self._size > self._limit:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size

    def invalidate(self, distribution_id: str, paths: Iterable[str]) -> None:
        """Throw out what has one of these paths; nothing that is on its way from an origin will be kept."""
        patterns = [_InvalidationPath(path) for path in paths]
        with self._lock:
            self._cancel(distribution_id)
            covered = [key for key, entry in self._entries.items() if _is_covered(distribution_id, entry, patterns)]
            for key in covered:
                self._drop(key)

    def _cancel(self, distribution_id: str) -> None:
        self._versions[distribution_id] = self._versions.get(distribution_id, 0) + 1
        for key in [key for key in self._flights if key[0] == distribution_id]:
            del self._flights[key]

    def keep_only(self, distribution_ids: Iterable[str]) -> None:
        """Throw out what belongs to distributions that are no more."""
        kept = set(distribution_ids)
        with self._lock:
            for gone in {key[0] for key in (*self._entries, *self._flights)} - kept:
                self._cancel(gone)
                for key in [key for key in self._entries if key[0] == gone]:
                    self._drop(key)


def _is_covered(distribution_id: str, entry: Entry, patterns: "Iterable[_InvalidationPath]") -> bool:
    return entry.key[0] == distribution_id and any(each.covers(entry) for each in patterns)


class _InvalidationPath:
    """A path of an invalidation: `*` at its end is any text, and without a `?` it is the object without a query."""

    def __init__(self, path: str) -> None:
        text = path if path.startswith("/") else f"/{path}"
        self._is_prefix = text.endswith("*")
        self._text = unquote(text.removesuffix("*") if self._is_prefix else text)

    def covers(self, entry: Entry) -> bool:
        _, _, path, query, *_ = entry.key
        return any(self._matches(each, query) for each in {path, entry.asked_path})

    def _matches(self, path: str, query: str) -> bool:
        target = unquote(f"{path}?{query}" if query else path)
        return target.startswith(self._text) if self._is_prefix else target == self._text
