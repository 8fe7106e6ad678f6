"""Shared by control plane and data plane: the look-up of distributions, and notifications of changes."""

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Final

from thumbpipe_localstack.cloudfront.location import domain_name_of
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Distribution, cloudfront_stores

_REGION: Final = "us-east-1"
_changes = itertools.count(1)
_lock = threading.Lock()
_generation = 0
_listeners: list[Callable[[str, list[str]], None]] = []
_watchers: list[Callable[[], None]] = []
_hosts: tuple[int, dict[str, Distribution]] = (-1, {})


def generation() -> int:
    """Return a number that grows with each change in the control plane, which makes compiled configurations stale."""
    return _generation


def changed() -> None:
    """Record a change in the control plane."""
    global _generation  # noqa: PLW0603 - one number for the whole process
    with _lock:
        _generation = next(_changes)
    for watcher in _watchers:
        watcher()


def on_change(watcher: Callable[[], None]) -> None:
    """Register a callback for changes, called in the thread that makes them."""
    _watchers.append(watcher)


def store_of(account_id: str) -> CloudFrontStore:
    """Return an account's store."""
    store: CloudFrontStore = cloudfront_stores[account_id][_REGION]
    return store


def all_distributions() -> Iterator[Distribution]:
    """Iterate over the distributions of all accounts."""
    for account_id in list(cloudfront_stores):
        yield from list(store_of(account_id).distributions.values())


def arns_behind(web_acl_arn: str) -> Iterator[str]:
    """Iterate over the ARNs of the distributions that a web ACL protects."""
    return (each.arn for each in all_distributions() if each.config.get("WebACLId") == web_acl_arn)


def _index_hosts() -> dict[str, Distribution]:
    hosts: dict[str, Distribution] = {}
    for distribution in all_distributions():
        for alias in distribution.config["Aliases"].get("Items") or []:
            hosts[alias.lower()] = distribution
        hosts[domain_name_of(distribution.id)] = distribution
        hosts[distribution.domain_name.lower()] = distribution
    return hosts


def find_distribution(host: str) -> Distribution | None:
    """Find a distribution by `<id>.cloudfront.localhost`, its domain name or one of its aliases.

    Takes the same time for any number of distributions: it is called for each request to LocalStack.

    Args:
        host: The Host header without its port, in lower case.
    """
    global _hosts  # noqa: PLW0603 - one index for the whole process
    indexed_at, hosts = _hosts
    current = _generation
    if indexed_at != current:
        hosts = _index_hosts()
        _hosts = (current, hosts)
    return hosts.get(host) or hosts.get("*." + host.partition(".")[2])


def on_invalidation(listener: Callable[[str, list[str]], None]) -> None:
    """Register a callback for invalidations: it gets a distribution's id and the paths."""
    _listeners.append(listener)


def invalidate(distribution_id: str, paths: list[str]) -> None:
    """Call the listeners in this thread: when it returns, the paths are no longer cached."""
    for listener in _listeners:
        listener(distribution_id, paths)
