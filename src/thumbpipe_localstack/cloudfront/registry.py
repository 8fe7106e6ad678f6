"""Where the control plane and the data plane meet: who is asked for, and what has changed since."""

import itertools
import threading
from collections.abc import Callable, Iterator

from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Distribution, cloudfront_stores

_REGION = "us-east-1"
_changes = itertools.count(1)
_lock = threading.Lock()
_generation = 0
_listeners: list[Callable[[str, list[str]], None]] = []
_watchers: list[Callable[[], None]] = []
_hosts: tuple[int, dict[str, Distribution]] = (-1, {})


def generation() -> int:
    """A number that grows with each change of anything in the control plane: what was compiled before is stale."""
    return _generation


def changed() -> None:
    """Say that something in the control plane has changed."""
    global _generation  # noqa: PLW0603 (one number for the whole process)
    with _lock:
        _generation = next(_changes)
    for watcher in _watchers:
        watcher()


def on_change(watcher: Callable[[], None]) -> None:
    """Have a watcher called after each change, in the thread that made it."""
    _watchers.append(watcher)


def store_of(account_id: str) -> CloudFrontStore:
    """The store of an account."""
    store: CloudFrontStore = cloudfront_stores[account_id][_REGION]
    return store


def local_name(distribution_id: str) -> str:
    """Return the name that leads to a distribution on this machine."""
    return f"{distribution_id.lower()}.cloudfront.localhost"


def all_distributions() -> Iterator[Distribution]:
    """Go through the distributions of every account."""
    for account_id in list(cloudfront_stores):
        yield from list(store_of(account_id).distributions.values())


def _index_hosts() -> dict[str, Distribution]:
    hosts: dict[str, Distribution] = {}
    for distribution in all_distributions():
        for alias in distribution.config["Aliases"].get("Items") or []:
            hosts[alias.lower()] = distribution
        hosts[local_name(distribution.id)] = distribution
        hosts[distribution.domain_name.lower()] = distribution
    return hosts


def find_distribution(host: str) -> Distribution | None:
    """Find the distribution that a host names: `<id>.cloudfront.localhost`, its domain name or one of its aliases.

    The time it takes does not depend on how many distributions there are: the gateway asks for each request.

    Args:
        host: The Host header without its port, in lower case.
    """
    global _hosts  # noqa: PLW0603 (one index for the whole process)
    indexed_at, hosts = _hosts
    current = _generation
    if indexed_at != current:
        hosts = _index_hosts()
        _hosts = (current, hosts)
    return hosts.get(host) or hosts.get("*." + host.partition(".")[2])


def on_invalidation(listener: Callable[[str, list[str]], None]) -> None:
    """Have a listener called with a distribution's id and the paths that are invalidated."""
    _listeners.append(listener)


def invalidate(distribution_id: str, paths: list[str]) -> None:
    """Tell the listeners, in this thread: when it returns, nothing of these paths is served from a cache."""
    for listener in _listeners:
        listener(distribution_id, paths)
