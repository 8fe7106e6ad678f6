"""Where the control plane and the data plane meet: who is asked for, and what has changed since."""

import itertools
import threading
from collections.abc import Callable

from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Distribution, cloudfront_stores

_REGION = "us-east-1"
_changes = itertools.count(1)
_lock = threading.Lock()
_generation = 0
_listeners: list[Callable[[str, list[str]], None]] = []


def generation() -> int:
    """A number that grows with each change of anything in the control plane: what was compiled before is stale."""
    return _generation


def changed() -> None:
    """Say that something in the control plane has changed."""
    global _generation  # noqa: PLW0603 (one number for the whole process)
    with _lock:
        _generation = next(_changes)


def store_of(account_id: str) -> CloudFrontStore:
    """The store of an account."""
    return cloudfront_stores[account_id][_REGION]


def find_distribution(host: str) -> Distribution | None:
    """Find the distribution that a host names: `<id>.cloudfront.localhost`, its domain name or one of its aliases.

    Args:
        host: The Host header without its port, in lower case.
    """
    name = host.partition(".")[0]
    for _, _, store in cloudfront_stores.iter_stores():
        for distribution in store.distributions.values():
            aliases = distribution.config.get("Aliases", {}).get("Items", [])
            if host == distribution.domain_name.lower() or host in aliases:
                return distribution
            if name == distribution.id.lower() and host.endswith(".cloudfront.localhost"):
                return distribution
    return None


def on_invalidation(listener: Callable[[str, list[str]], None]) -> None:
    """Have a listener called with a distribution's id and the paths that are invalidated."""
    _listeners.append(listener)


def invalidate(distribution_id: str, paths: list[str]) -> None:
    """Tell the listeners, in this thread: when it returns, nothing of these paths is served from a cache."""
    for listener in _listeners:
        listener(distribution_id, paths)
