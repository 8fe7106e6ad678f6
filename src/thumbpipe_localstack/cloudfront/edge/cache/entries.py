"""Cached responses; the least recently used are evicted when they take too much memory."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from thumbpipe_localstack.cloudfront.edge.cache.cache_key import Key
from thumbpipe_localstack.cloudfront.edge.clock import SYSTEM_CLOCK, Clock

_OVERHEAD: Final = 1024  # bytes of an entry's objects besides its body and headers
_LARGEST_PART: Final = 4  # the largest entry takes at most 1/4 of the cache: one object must not evict all others
_WAIT_SECONDS: Final = 120.0  # for another request's response


@dataclass(slots=True, kw_only=True)
class Entry:
    """A cached response.

    Attributes:
        key: Its cache key.
        asked_path: The viewer's path, where the default root object stands for it.
        status: The origin's status.
        headers: The origin's headers that viewers get.
        body: As sent to viewers: compressed if the key says that they accept that.
        stored_at: When the origin sent or confirmed it, by the monotonic clock, as are the times below.
        fresh_until: Until then it is served without revalidation.
        stale_until: Until then it is served while it is revalidated.
        error_until: Until then it is served if the origin fails; None for ever.
        may_keep: Whether it is cached; else only the requests that wait for it get it.
        size: The approximate number of bytes that it takes.
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
        """Compute the size once: the cache adds and subtracts the same number."""
        self.size = len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + _OVERHEAD


@dataclass(slots=True)
class Flight:
    """A request to an origin that is in progress.

    Attributes:
        version: The content version when it began: after an invalidation in between, the response is not cached.
        entry: Its result, if it can be shared.
    """

    key: Key
    version: int
    entry: Entry | None = None
    _landed: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> Entry | None:
        """Wait for the response; None if it cannot be shared."""
        return self.entry if self._landed.wait(_WAIT_SECONDS) else None

    def land(self) -> None:
        """Wake the requests that wait."""
        self._landed.set()


class Cache:
    """Cached responses by key, with the origin requests in progress for them.

    Args:
        limit: The maximum size in bytes.
        clock: The clock that determines the age of entries.
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
        """The bytes in use."""
        return self._size

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """Return an entry, fresh or stale."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def begin(self, key: Key) -> Flight:
        """Begin a request to an origin whose response is not shared."""
        with self._lock:
            return Flight(key, self._versions.get(key[0], 0))

    def join(self, key: Key) -> tuple[Flight, bool]:
        """Return the request in progress for a key, and whether the caller has to make it."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = Flight(key, self._versions.get(key[0], 0))
            return flight, True

    def finish(self, flight: Flight, entry: Entry | None) -> None:
        """End a request: cache its response if allowed, and hand it to those that wait."""
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
        """Remove entries by their paths; responses that are in progress will not be cached."""
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
        """Remove the entries of all other distributions."""
        kept = set(distribution_ids)
        with self._lock:
            for gone in {key[0] for key in (*self._entries, *self._flights)} - kept:
                self._cancel(gone)
                for key in [key for key in self._entries if key[0] == gone]:
                    self._drop(key)


def _is_covered(distribution_id: str, entry: Entry, patterns: "Iterable[_InvalidationPath]") -> bool:
    return entry.key[0] == distribution_id and any(each.covers(entry) for each in patterns)


class _InvalidationPath:
    """A path of an invalidation: a final `*` matches any text; without a `?` it matches requests without a query."""

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
